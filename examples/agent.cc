// SPDX-License-Identifier: Apache-2.0
/*
 * agent.cc - a complete agent in C++11, which does what agent.c does.
 *
 *   usage   agent RULES SOURCE INPUT...   judge files and folders, then end
 *           agent RULES SOURCE -          judge lines of the standard input, up to its end
 *   out     alerts as JSON lines on the standard output; what happened, on the standard error
 *
 * SIGHUP reads the rules again; if they are wrong the old ones stay in force. SIGTERM and SIGINT
 * end it when what was read is judged. Exit codes are those of agent.c.
 *
 * What the library counts is held by `handle`, which gives it back. No exception leaves a callback,
 * since the library is C: one that is thrown there is kept, the callback returns a number below 0,
 * and the call that led to it throws it again.
 */
#include <cerrno>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <libruntime/runtime.h>
#include <memory>
#include <new>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace
{

/* ---- the library in C++ ---- */

struct error : std::runtime_error {
        explicit error(const std::string &what) : std::runtime_error(what)
        {
        }
};

/* @a r, unless it is one of RT_E*. RT_EOF and RT_EAGAIN are no errors. */
int
check(int r, const std::string &what)
{
        if (r >= 0 || r == RT_EOF || r == RT_EAGAIN)
                return r;
        if (r == RT_ENOMEM)
                throw std::bad_alloc();
        throw error(what + ": " + rt_status_name(r));
}

struct unref {
        void operator()(rt_engine *engine) const
        {
                rt_engine_unref(engine);
        }
        void operator()(rt_loader *loader) const
        {
                rt_loader_unref(loader);
        }
        void operator()(rt_ruleset *rules) const
        {
                rt_ruleset_unref(rules);
        }
        void operator()(rt_worker *worker) const
        {
                rt_worker_unref(worker);
        }
        void operator()(rt_diags *diags) const
        {
                rt_diags_unref(diags);
        }
};
template <typename T> using handle = std::unique_ptr<T, unref>;

/* What @a make, a rt_*_new or rt_*_compile, gives. */
template <typename T, typename Function>
handle<T>
made(const std::string &what, Function make)
{
        T *object = nullptr;

        check(make(&object), what);
        return handle<T>(object);
}

std::string
text_of(rt_str text)
{
        return std::string(text.ptr, text.len);
}

/* ---- one thread's judge ---- */

class judge
{
public:
        using on_alert = std::function<void(const rt_alert &)>;
        using on_skipped = std::function<void(const char *, uint64_t, const char *)>;

        judge(rt_engine *engine, on_alert alert, on_skipped skip)
            : alert_(std::move(alert)), skip_(std::move(skip))
        {
                rt_worker_opts opts = RT_INIT(rt_worker_opts);

                opts.skipped = skipped;
                opts.skipped_user = this;
                worker_ = made<rt_worker>("a worker", [&](rt_worker **ret) {
                        return rt_worker_new(engine, &opts, ret);
                });
        }
        judge(const judge &) = delete; /* callbacks have its address */
        judge &operator=(const judge &) = delete;

        void open(const std::string &source, const std::string &path)
        {
                check(rt_worker_open(worker_.get(), source.c_str(), path.c_str()), path);
        }
        /* The next event: RT_EOF, RT_EAGAIN, or how many alerts it raised. */
        int step()
        {
                return done(rt_worker_step(worker_.get(), alerted, this));
        }
        void feed(const std::string &source, const char *bytes, size_t size)
        {
                const rt_str delivery = { bytes, size };

                done(rt_worker_feed(worker_.get(), source.c_str(), delivery, alerted, this));
        }
        void finish()
        {
                check(rt_worker_finish(worker_.get()), "ending the inputs");
        }
        rt_worker_stats stats() const
        {
                rt_worker_stats stats = RT_INIT(rt_worker_stats);

                check(rt_worker_stats_get(worker_.get(), &stats), "statistics");
                return stats;
        }
        std::vector<std::string> losses() const
        {
                rt_loss loss = RT_INIT(rt_loss);
                std::vector<std::string> lines;

                for (size_t i = 0; rt_worker_loss(worker_.get(), i, &loss) == RT_OK; i++)
                        if (loss.count > 0)
                                lines.push_back("lost " + std::to_string(loss.count) + ": "
                                                + loss.cause);
                return lines;
        }

private:
        static int alerted(const rt_alert *alert, void *user) noexcept
        {
                judge *self = static_cast<judge *>(user);

                try {
                        self->alert_(*alert);
                        return RT_OK;
                } catch (...) {
                        self->thrown_ = std::current_exception();
                        return RT_EIO;
                }
        }
        static void skipped(const char *input, uint64_t offset, const char *what,
                            void *user) noexcept
        {
                judge *self = static_cast<judge *>(user);

                try {
                        self->skip_(input, offset, what);
                } catch (...) {
                        self->thrown_ = std::current_exception();
                }
        }
        /* Throws what a callback threw. */
        int done(int r)
        {
                if (thrown_) {
                        const std::exception_ptr thrown = thrown_;

                        thrown_ = nullptr;
                        std::rethrow_exception(thrown);
                }
                return check(r, "judging");
        }

        on_alert alert_;
        on_skipped skip_;
        std::exception_ptr thrown_;
        handle<rt_worker> worker_;
};

/* ---- signals: blocked but where the agent waits ---- */

volatile std::sig_atomic_t asked_to_reload, asked_to_end;

extern "C" void
on_signal(int number)
{
        if (number == SIGHUP)
                asked_to_reload = 1;
        else
                asked_to_end = 1;
}

class signals
{
public:
        signals()
        {
                struct sigaction action = {};
                sigset_t blocked;

                action.sa_handler = on_signal;
                sigemptyset(&blocked);
                for (int number : { SIGHUP, SIGINT, SIGTERM }) {
                        sigaddset(&blocked, number);
                        sigaction(number, &action, nullptr);
                }
                sigprocmask(SIG_BLOCK, &blocked, &seen_);
        }
        /* Wait until @a fd can be read, or a signal comes; with -1, look for signals only. */
        bool wait(int fd) const
        {
                const timespec at_once = {};
                pollfd file = {};

                file.fd = fd;
                file.events = POLLIN;
                return ppoll(&file, 1, fd < 0 ? &at_once : nullptr, &seen_) > 0;
        }

private:
        sigset_t seen_;
};

/* ---- the agent ---- */

class agent
{
public:
        agent(const std::string &rules, const std::string &source)
            : rules_(rules), source_(source),
              engine_(made<rt_engine>("an engine",
                                      [](rt_engine **ret) { return rt_engine_new(nullptr, ret); }))
        {
                load(); /* wrong rules end the program here */
                judge_.reset(new judge(engine_.get(), print_alert, print_skipped));
        }

        void judge_inputs(const std::vector<std::string> &paths)
        {
                unsigned steps = 0;

                for (const std::string &path : paths)
                        judge_->open(source_, path);
                for (int r = RT_EAGAIN; r != RT_EOF; r = judge_->step())
                        if ((r == RT_EAGAIN || ++steps % 256 == 0) && !attend(-1))
                                judge_->finish(); /* then step says RT_EOF soon */
        }

        void judge_standard_input()
        {
                std::vector<char> block(1 << 16);
                std::string rest;
                ssize_t n = 1;

                while (n > 0 && attend(STDIN_FILENO)) {
                        if (!readable_)
                                continue;
                        n = read(STDIN_FILENO, block.data(), block.size());
                        if (n < 0)
                                throw std::system_error(errno, std::generic_category(), "reading");
                        rest.append(block.data(), static_cast<size_t>(n));
                        const size_t whole = rest.rfind('\n') + 1; /* npos + 1 is 0 */
                        if (whole > 0) {
                                judge_->feed(source_, rest.data(), whole);
                                rest.erase(0, whole);
                                std::cout.flush();
                        }
                }
                if (!rest.empty())
                        judge_->feed(source_, rest.data(), rest.size());
        }

        void print_stats() const
        {
                const rt_worker_stats stats = judge_->stats();

                std::cerr << stats.events << " events, " << stats.alerts << " alerts, "
                          << stats.skipped << " records skipped\n";
                for (const std::string &line : judge_->losses())
                        std::cerr << line << '\n';
        }

private:
        static void print_alert(const rt_alert &alert)
        {
                rt_str json;

                check(rt_alert_json(&alert, &json), "an alert");
                std::cout.write(json.ptr, static_cast<std::streamsize>(json.len)).put('\n');
                if (!std::cout)
                        throw error("nobody takes the alerts");
        }

        static void print_skipped(const char *input, uint64_t offset, const char *what)
        {
                std::cerr << "skipped: " << input << ", byte " << offset << ": " << what << '\n';
        }

        /* Compile the rules and put them in force; whatever is wrong with them is printed. */
        void load()
        {
                const auto diags = made<rt_diags>("diagnostics", rt_diags_new);
                const auto loader = made<rt_loader>("a loader", [&](rt_loader **ret) {
                        return rt_loader_new(engine_.get(), nullptr, ret);
                });
                rt_ruleset *compiled = nullptr;
                rt_str text;
                int r = rt_loader_add_path(loader.get(), rules_.c_str(), diags.get());

                if (r == RT_OK)
                        r = rt_loader_compile(loader.get(), diags.get(), &compiled);
                const handle<rt_ruleset> rules(compiled);
                if (rt_diags_count(diags.get(), 0) > 0
                    && rt_diags_print(diags.get(), RT_DIAGS_TEXT, 0, &text) == RT_OK)
                        std::cerr << text_of(text) << '\n';
                check(r, "no rules");
                check(rt_engine_use(engine_.get(), rules.get()), "no rules");
                std::cerr << rt_ruleset_count(rules.get()) << " rules in force\n";
        }

        /* Wait, then do what signals asked for. False: the agent is to end. */
        bool attend(int fd)
        {
                readable_ = signals_.wait(fd);
                if (asked_to_reload) {
                        asked_to_reload = 0;
                        try {
                                load();
                        } catch (const std::exception &e) {
                                std::cerr << "the old rules stay in force: " << e.what() << '\n';
                        }
                }
                return !asked_to_end;
        }

        std::string rules_;
        std::string source_;
        signals signals_;
        handle<rt_engine> engine_;
        std::unique_ptr<judge> judge_;
        bool readable_ = false;
};

} // namespace

int
main(int argc, char **argv)
{
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        std::unique_ptr<agent> all;

        if (arguments.size() < 3) {
                std::cerr << "usage: agent RULES SOURCE INPUT... | agent RULES SOURCE -\n";
                return 2;
        }
        try {
                all.reset(new agent(arguments[0], arguments[1]));
        } catch (const std::exception &e) {
                std::cerr << e.what() << '\n';
                return 2;
        }
        try {
                if (arguments.size() == 3 && arguments[2] == "-")
                        all->judge_standard_input();
                else
                        all->judge_inputs({ arguments.begin() + 2, arguments.end() });
                std::cout.flush();
                all->print_stats();
                return std::cout ? 0 : 1;
        } catch (const std::exception &e) {
                all->print_stats();
                std::cerr << "error: " << e.what() << '\n';
                return 1;
        }
}
