// SPDX-License-Identifier: Apache-2.0
// simdjson.cc - the yardstick: simdjson's on-demand reader over records one a line, in batches of
// 1 MiB, six values of each. Built twice: with -O2 alone (the yardstick as agreed), and as
// BENCH_TUNED for the machine's instruction set.
#include "bench.h"
#include <simdjson.h>
#include <string_view>

using namespace simdjson;

namespace
{

enum { BATCH = 1 << 20 };

template <typename V>
uint64_t
length(V &&value)
{
        std::string_view text;

        return value.get_string().get(text) == SUCCESS ? text.size() + 1 : 0;
}

template <typename D>
uint64_t
cloudtrail(D &doc)
{
        ondemand::object identity;
        uint64_t sum = 0;

        if (doc["userIdentity"].get_object().get(identity) == SUCCESS) {
                sum += length(identity["type"]);
                sum += length(identity["userName"]);
        }
        sum += length(doc["eventSource"]);
        sum += length(doc["eventName"]);
        sum += length(doc["awsRegion"]);
        sum += length(doc["sourceIPAddress"]);
        return sum;
}

template <typename D>
uint64_t
audit(D &doc)
{
        ondemand::object object;
        uint64_t sum = length(doc["auditID"]);

        sum += length(doc["stage"]);
        sum += length(doc["verb"]);
        if (doc["user"].get_object().get(object) == SUCCESS)
                sum += length(object["username"]);
        if (doc["objectRef"].get_object().get(object) == SUCCESS) {
                sum += length(object["resource"]);
                sum += length(object["namespace"]);
        }
        return sum;
}

uint64_t
on_demand(const bench_records *records, const bench_simdjson *what)
{
        uint64_t sum = 0;

        get_active_implementation() = get_available_implementations()[what->implementation];
        ondemand::parser parser;
        ondemand::document_stream stream;
        if (parser.iterate_many(records->text, records->len, BATCH).get(stream) != SUCCESS)
                return 0;
        for (auto it = stream.begin(); it != stream.end(); ++it) {
                auto doc = *it;

                if (doc.error() == SUCCESS)
                        sum += what->audit ? audit(doc) : cloudtrail(doc);
        }
        return sum;
}

} // namespace

#ifdef BENCH_TUNED
uint64_t
bench_simdjson_tuned(const bench_records *records, void *user)
{
        return on_demand(records, static_cast<bench_simdjson *>(user));
}
#else
uint64_t
bench_simdjson_on_demand(const bench_records *records, void *user)
{
        return on_demand(records, static_cast<bench_simdjson *>(user));
}

static uint64_t
dom_length(dom::element root, const char *pointer)
{
        std::string_view text;

        return root.at_pointer(pointer).get_string().get(text) == SUCCESS ? text.size() + 1 : 0;
}

uint64_t
bench_simdjson_dom(const bench_records *records, void *user)
{
        static const char *const paths[2][6] = {
                { "/userIdentity/type", "/userIdentity/userName", "/eventSource", "/eventName",
                  "/awsRegion", "/sourceIPAddress" },
                { "/auditID", "/stage", "/verb", "/user/username", "/objectRef/resource",
                  "/objectRef/namespace" },
        };
        const bench_simdjson *what = static_cast<bench_simdjson *>(user);
        uint64_t sum = 0;

        get_active_implementation() = get_available_implementations()[what->implementation];
        dom::parser parser;
        dom::document_stream stream;
        if (parser.parse_many(records->text, records->len, BATCH).get(stream) != SUCCESS)
                return 0;
        for (auto it = stream.begin(); it != stream.end(); ++it) {
                dom::element root;

                if ((*it).get(root) == SUCCESS)
                        for (const char *path : paths[what->audit])
                                sum += dom_length(root, path);
        }
        return sum;
}

const char *
bench_simdjson_version(void)
{
        return SIMDJSON_STRINGIFY(SIMDJSON_VERSION);
}

int
bench_simdjson_has(const char *implementation)
{
        const auto *found = get_available_implementations()[implementation];

        return found && found->supported_by_runtime_system();
}
#endif
