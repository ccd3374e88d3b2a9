/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.c - YAML text as nodes that know where they stand.
 *
 * libyaml's events become nodes by way of a stack, never by recursion. libyaml counts characters,
 * and `seek` turns its marks into bytes. libyaml allocates for itself (it has no hook); all that is
 * kept lives in the arena.
 */
#include "compiler/load/yaml.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "lang/lang.h"
#include <yaml.h>

/* A list or map that is being read. */
typedef struct level {
        rti_yaml_node *node;
        size_t first; /* of its children in builder.nodes */
        uint64_t weight;
        uint16_t depth; /* of what is inside so far */
} level;

typedef struct builder {
        rti_arena *arena;
        rti_yaml_file *file;
        rti_yaml_error *error;
        yaml_parser_t parser;
        bool ascii;
        size_t mark_chars, mark_bytes;  /* the position `seek` was at last */
        uint64_t weight;                /* of all documents */
        RTI_VEC(rti_yaml_node *) nodes; /* children of open levels */
        RTI_VEC(level) levels;
        RTI_VEC(rti_yaml_node *) anchored;
        rti_map anchors; /* name -> index in `anchored` */
} builder;

static const struct {
        const char *libyaml, *yaml_cpp;
} problems[] = {
        { "mapping values are not allowed in this context", "illegal map value" },
        { "mapping keys are not allowed in this context", "illegal map key" },
        { "block sequence entries are not allowed in this context", "illegal block entry" },
        { "did not find expected key", "end of map not found" },
        { "did not find expected '-' indicator", "end of sequence not found" },
        { "did not find expected ',' or ']'", "end of sequence flow not found" },
        { "did not find expected ',' or '}'", "end of map flow not found" },
        { "found unexpected end of stream", "illegal EOF in scalar" },
        { "found unexpected document indicator", "illegal document indicator in scalar" },
        { "found character that cannot start any token", "unknown token" },
};

static int
fail(builder *b, uint32_t offset, rt_str message)
{
        if (!message.ptr)
                return RT_ENOMEM;
        *b->error = (rti_yaml_error){ RTI_D_YAML_PARSE, offset, message };
        return RT_ERULES;
}

static int
fail_limit(builder *b, uint32_t offset, enum rti_limit limit, const char *what)
{
        static const struct {
                const char *name, *what;
        } limits[] = {
#define LIMIT(id, value, what) [RTI_LIMIT_##id] = { #id, what },
#include "lang/limits.def"
#undef LIMIT
        };

        *b->error = (rti_yaml_error){ RTI_D_LIMIT, offset,
                                      rti_arena_printf(b->arena, "%s (limit %s: %s)", what,
                                                       limits[limit].name, limits[limit].what) };
        return b->error->message.ptr ? RT_ELIMIT : RT_ENOMEM;
}

/* ---- positions ---- */

/* Bytes in front of libyaml's character number @a chars. Marks come nearly in order. */
static uint32_t
seek(builder *b, size_t chars)
{
        const rt_str text = b->file->text;

        if (b->ascii)
                return (uint32_t) (chars < text.len ? chars : text.len);
        while (b->mark_chars < chars && b->mark_bytes < text.len) {
                b->mark_bytes++;
                while (b->mark_bytes < text.len
                       && ((unsigned char) text.ptr[b->mark_bytes] & 0xc0) == 0x80)
                        b->mark_bytes++;
                b->mark_chars++;
        }
        while (b->mark_chars > chars) {
                b->mark_bytes--;
                while (((unsigned char) text.ptr[b->mark_bytes] & 0xc0) == 0x80)
                        b->mark_bytes--;
                b->mark_chars--;
        }
        return (uint32_t) b->mark_bytes;
}

static int
count_lines(rti_arena *arena, rti_yaml_file *file)
{
        const char *const end = file->text.ptr + file->text.len;
        const char *at = file->text.ptr;
        uint32_t n = 1;

        while ((at = memchr(at, '\n', (size_t) (end - at)))) {
                at++;
                n++;
        }
        file->lines = rti_arena_get(arena, n * sizeof *file->lines);
        if (!file->lines)
                return RT_ENOMEM;
        file->lines[0] = 0;
        file->n_lines = 1;
        for (at = file->text.ptr; file->n_lines < n; file->n_lines++) {
                at = (const char *) memchr(at, '\n', (size_t) (end - at)) + 1;
                file->lines[file->n_lines] = (uint32_t) (at - file->text.ptr);
        }
        return RT_OK;
}

void
rti_yaml_mark(const rti_yaml_file *file, uint32_t offset, uint32_t *ret_line, uint32_t *ret_column)
{
        uint32_t low = 0, high = file->n_lines;

        while (high - low > 1) {
                const uint32_t middle = low + (high - low) / 2;

                if (file->lines[middle] <= offset)
                        low = middle;
                else
                        high = middle;
        }
        *ret_line = low;
        *ret_column = offset - file->lines[low];
}

rti_place
rti_yaml_place(const rti_yaml_file *file, uint32_t start, uint32_t end)
{
        rti_place place;

        rti_yaml_mark(file, start, &place.line, &place.column);
        rti_yaml_mark(file, end < start ? start : end, &place.end_line, &place.end_column);
        place.line++;
        place.column++;
        place.end_line++;
        place.end_column++;
        return place;
}

/* ---- scalars back to their source ---- */

static bool
blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind anchor and tag, the opening quote, or the header line of a block scalar. */
static uint32_t
skip_head(rt_str text, const rti_yaml_node *node)
{
        uint32_t at = node->start;

        while (at < node->end && (text.ptr[at] == '&' || text.ptr[at] == '!')) {
                while (at < node->end && !blank(text.ptr[at]))
                        at++;
                while (at < node->end && blank(text.ptr[at]))
                        at++;
        }
        if (node->style == RTI_YAML_SINGLE || node->style == RTI_YAML_DOUBLE)
                return at < node->end ? at + 1 : at;
        if (node->style == RTI_YAML_LITERAL || node->style == RTI_YAML_FOLDED) {
                while (at < node->end && text.ptr[at] != '\n')
                        at++;
                return at < node->end ? at + 1 : at;
        }
        return at;
}

/* How long is the escape sequence at @a raw, and how many bytes does it stand for? */
static uint32_t
escape_length(rt_str raw, uint32_t *ret_made)
{
        const char kind = raw.len > 1 ? raw.ptr[1] : '\0';
        const uint32_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        uint32_t code = 0, len = 2;

        for (; len < 2 + digits && len < raw.len; len++) {
                const char c = raw.ptr[len];

                code = code << 4 | (uint32_t) (c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10) & 15);
        }
        if (kind == 'N' || kind == '_')
                *ret_made = 2;
        else if (kind == 'L' || kind == 'P')
                *ret_made = 3;
        else if (kind == '\n' || kind == '\r')
                *ret_made = 0;
        else
                *ret_made = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        return len;
}

/* One step over the source of a scalar: how many decoded bytes did it make? */
static uint32_t
step(rt_str text, const rti_yaml_node *node, uint32_t *at, char wanted)
{
        const rt_str raw = rti_str_sub(text, *at, node->end);
        uint32_t made = 1;

        if (node->style == RTI_YAML_DOUBLE && raw.ptr[0] == '\\') {
                *at += escape_length(raw, &made);
                return made;
        }
        if (node->style == RTI_YAML_SINGLE && raw.ptr[0] == '\'' && raw.len > 1) {
                *at += 2;
                return 1;
        }
        *at += 1;
        /* Folding and indentation make blanks vanish, never anything else. */
        return blank(raw.ptr[0]) && !blank(wanted) ? 0 : 1;
}

/* Source that makes no decoded byte: blanks that folding takes away, and escaped line ends. */
static bool
vanishes(rt_str text, const rti_yaml_node *node, uint32_t at)
{
        if (node->style == RTI_YAML_DOUBLE && text.ptr[at] == '\\' && at + 1 < node->end)
                return text.ptr[at + 1] == '\n' || text.ptr[at + 1] == '\r';
        return blank(text.ptr[at]);
}

uint32_t
rti_yaml_offset(const rti_yaml_file *file, const rti_yaml_node *node, uint32_t at)
{
        uint32_t done = 0, raw;

        if (node->kind != RTI_YAML_SCALAR)
                return node->start;
        raw = skip_head(file->text, node);
        while (raw < node->end) {
                const char wanted = done < node->text.len ? node->text.ptr[done] : '\0';
                const uint32_t before = raw;
                uint32_t made;

                if (done >= at
                    && (done >= node->text.len || blank(wanted)
                        || !vanishes(file->text, node, raw)))
                        break;
                made = step(file->text, node, &raw, wanted);
                if (done + made > at && made > 1)
                        return before;
                done += made;
        }
        return raw < node->end ? raw : node->end;
}

/* ---- building ---- */

static rti_yaml_node *
new_node(builder *b, enum rti_yaml_kind kind, const yaml_event_t *event)
{
        rti_yaml_node *node = RTI_NEW(b->arena, rti_yaml_node);

        if (!node)
                return NULL;
        node->kind = (uint8_t) kind;
        node->depth = 1;
        node->weight = 1;
        node->start = seek(b, event->start_mark.index);
        node->end = seek(b, event->end_mark.index);
        return node;
}

static int
set_anchor(builder *b, const yaml_char_t *name, rti_yaml_node *node)
{
        rt_str key;

        if (!name)
                return RT_OK;
        key = rti_arena_copy(b->arena, rti_str_of((const char *) name));
        if (!key.ptr
            || rti_vec_push(&b->anchored, b->arena->allocator, node, RTI_MAX_YAML_NODES) < 0)
                return RT_ENOMEM;
        return rti_map_set(&b->anchors, key, (uint32_t) b->anchored.n - 1);
}

/* A node is complete: hand it to the level around it, or to the file. */
static int
put(builder *b, rti_yaml_node *node, uint32_t at)
{
        const size_t inside = b->levels.n;
        level *top = inside ? &b->levels.at[inside - 1] : NULL;

        if (inside + node->depth > RTI_MAX_YAML_DEPTH)
                return fail_limit(b, at, RTI_LIMIT_YAML_DEPTH, "Nested too deeply");
        if (top) {
                top->weight += node->weight;
                if (top->depth < node->depth)
                        top->depth = node->depth;
        } else {
                b->weight += node->weight;
        }
        if ((top ? top->weight : b->weight) > RTI_MAX_YAML_NODES)
                return fail_limit(b, at, RTI_LIMIT_YAML_NODES, "Too many nodes");
        return rti_vec_push(&b->nodes, b->arena->allocator, node, RTI_MAX_YAML_NODES);
}

/* Where the scalar's text stands in the file, if it stands there as it is; `ptr` NULL: it does
 * not. */
static rt_str
as_written(const builder *b, const rti_yaml_node *node, rt_str text)
{
        const bool quoted = node->style == RTI_YAML_SINGLE || node->style == RTI_YAML_DOUBLE;
        const size_t from = node->start + (size_t) quoted;

        if (!text.len || node->end < node->start
            || node->end - node->start != text.len + 2 * (size_t) quoted
            || memcmp(b->file->text.ptr + from, text.ptr, text.len) != 0)
                return (rt_str){ NULL, 0 };
        return rti_str_sub(b->file->text, from, from + text.len);
}

static int
put_scalar(builder *b, const yaml_event_t *event)
{
        static const uint8_t styles[] = {
                [YAML_PLAIN_SCALAR_STYLE] = RTI_YAML_PLAIN,
                [YAML_SINGLE_QUOTED_SCALAR_STYLE] = RTI_YAML_SINGLE,
                [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = RTI_YAML_DOUBLE,
                [YAML_LITERAL_SCALAR_STYLE] = RTI_YAML_LITERAL,
                [YAML_FOLDED_SCALAR_STYLE] = RTI_YAML_FOLDED,
        };
        static const rt_str nulls[] = { RTI_STR_INIT(""), RTI_STR_INIT("~"), RTI_STR_INIT("null"),
                                        RTI_STR_INIT("Null"), RTI_STR_INIT("NULL") };
        const rt_str text = { (const char *) event->data.scalar.value, event->data.scalar.length };
        rti_yaml_node *node = new_node(b, RTI_YAML_SCALAR, event);

        if (!node)
                return RT_ENOMEM;
        node->style = styles[event->data.scalar.style];
        node->text = as_written(b, node, text);
        if (!node->text.ptr)
                node->text = rti_arena_copy(b->arena, text);
        if (!node->text.ptr || set_anchor(b, event->data.scalar.anchor, node) < 0)
                return RT_ENOMEM;
        for (size_t i = 0; i < RTI_COUNT(nulls); i++)
                if (node->style == RTI_YAML_PLAIN && !event->data.scalar.tag
                    && rti_str_eq(text, nulls[i]))
                        node->kind = RTI_YAML_NULL;
        return put(b, node, node->start);
}

static int
put_alias(builder *b, const yaml_event_t *event)
{
        const rt_str name = rti_str_of((const char *) event->data.alias.anchor);
        const uint32_t at = seek(b, event->start_mark.index);
        const uint32_t index = rti_map_get(&b->anchors, name);
        uint32_t line, column;

        if (index != RTI_MAP_NONE && b->anchored.at[index]->open)
                return fail(b, at, RTI_STR("An alias names a node that it is part of"));
        if (index != RTI_MAP_NONE)
                return put(b, b->anchored.at[index], at);
        rti_yaml_mark(b->file, at, &line, &column);
        return fail(b, at,
                    rti_arena_printf(b->arena,
                                     "yaml-cpp: error at line %u, column %u: the referenced "
                                     "anchor is not defined: %.*s",
                                     line + 1, column + 1, RTI_FMT(name)));
}

static int
open_level(builder *b, enum rti_yaml_kind kind, const yaml_event_t *event,
           const yaml_char_t *anchor)
{
        level top = { .first = b->nodes.n, .weight = 1 };

        if (b->levels.n + 1 > RTI_MAX_YAML_DEPTH)
                return fail_limit(b, seek(b, event->start_mark.index), RTI_LIMIT_YAML_DEPTH,
                                  "Nested too deeply");
        top.node = new_node(b, kind, event);
        if (!top.node || set_anchor(b, anchor, top.node) < 0)
                return RT_ENOMEM;
        top.node->open = true;
        return rti_vec_push(&b->levels, b->arena->allocator, top, RTI_MAX_YAML_DEPTH);
}

static int
close_level(builder *b, const yaml_event_t *event)
{
        const level top = b->levels.at[--b->levels.n];
        rti_yaml_node *node = top.node;

        node->n = (uint32_t) (b->nodes.n - top.first);
        node->child = rti_arena_get(b->arena, node->n * sizeof(*node->child));
        if (!node->child)
                return RT_ENOMEM;
        if (node->n)
                memcpy(node->child, b->nodes.at + top.first, node->n * sizeof(*node->child));
        b->nodes.n = top.first;
        node->open = false;
        node->weight = (uint32_t) top.weight;
        node->depth = (uint16_t) (top.depth + 1);
        node->end = seek(b, event->end_mark.index);
        return put(b, node, node->start);
}

static int
take_event(builder *b, const yaml_event_t *event)
{
        switch (event->type) {
        case YAML_DOCUMENT_START_EVENT:
                b->anchors = (rti_map){ .arena = b->arena };
                b->anchored.n = 0;
                return RT_OK;
        case YAML_SCALAR_EVENT:
                return put_scalar(b, event);
        case YAML_ALIAS_EVENT:
                return put_alias(b, event);
        case YAML_SEQUENCE_START_EVENT:
                return open_level(b, RTI_YAML_LIST, event, event->data.sequence_start.anchor);
        case YAML_MAPPING_START_EVENT:
                return open_level(b, RTI_YAML_MAP, event, event->data.mapping_start.anchor);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                return close_level(b, event);
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT:
                return RT_OK;
        }
        return RT_OK;
}

/* ---- errors ---- */

/* libyaml's complaint in the words of the reference, where both have words for it. */
static int
syntax_error(builder *b)
{
        const yaml_parser_t *p = &b->parser;
        uint32_t at, line, column;

        if (p->error == YAML_MEMORY_ERROR)
                return RT_ENOMEM;
        at = p->error == YAML_READER_ERROR
                     ? (uint32_t) (p->problem_offset < b->file->text.len ? p->problem_offset
                                                                         : b->file->text.len)
                     : seek(b, p->problem_mark.index);
        rti_yaml_mark(b->file, at, &line, &column);
        for (size_t i = 0; i < RTI_COUNT(problems); i++)
                if (p->problem && strcmp(p->problem, problems[i].libyaml) == 0)
                        return fail(b, at,
                                    rti_arena_printf(b->arena,
                                                     "yaml-cpp: error at line %u, column %u: %s",
                                                     line + 1, column + 1, problems[i].yaml_cpp));
        return fail(b, at,
                    rti_arena_printf(b->arena, "%s%s%s", p->context ? p->context : "",
                                     p->context ? ": " : "",
                                     p->problem ? p->problem : "not well-formed YAML"));
}

/* How many bytes from @a at on, in words of eight, are ASCII and not NUL. */
static size_t
plain_words(rt_str text, size_t at)
{
        const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
        size_t n = 0;
        uint64_t word;

        for (; text.len - at - n >= sizeof word; n += sizeof word) {
                memcpy(&word, text.ptr + at + n, sizeof word);
                if ((word | (word - ones)) & highs)
                        break;
        }
        return n;
}

/* The text must be UTF-8 without NULs; notes whether it is ASCII. */
static int
check_text(builder *b)
{
        const rt_str text = b->file->text;
        size_t n;

        b->ascii = true;
        for (size_t at = 0; at < text.len; at += n) {
                n = plain_words(text, at);
                if (n)
                        continue;
                n = 1;
                if (text.ptr[at] == '\0')
                        return fail(b, (uint32_t) at, RTI_STR("The file holds a NUL byte"));
                if ((unsigned char) text.ptr[at] < 0x80)
                        continue;
                b->ascii = false;
                n = rti_utf8_valid(text.ptr + at, text.len - at);
                if (!n)
                        return fail(b, (uint32_t) at, RTI_STR("The file is not valid UTF-8"));
        }
        return RT_OK;
}

static int
read_events(builder *b)
{
        yaml_event_t event;
        bool more = true;
        int r = RT_OK;

        while (r == RT_OK && more) {
                if (!yaml_parser_parse(&b->parser, &event))
                        return syntax_error(b);
                more = event.type != YAML_STREAM_END_EVENT;
                r = take_event(b, &event);
                yaml_event_delete(&event);
        }
        return r;
}

static int
read_documents(builder *b)
{
        int r = check_text(b);

        if (r < 0)
                return r;
        if (!yaml_parser_initialize(&b->parser))
                return RT_ENOMEM;
        yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&b->parser, (const unsigned char *) b->file->text.ptr,
                                     b->file->text.len);
        r = read_events(b);
        yaml_parser_delete(&b->parser);
        if (r < 0)
                return r;
        b->file->docs = rti_arena_get(b->arena, b->nodes.n * sizeof(*b->file->docs));
        if (!b->file->docs)
                return RT_ENOMEM;
        if (b->nodes.n)
                memcpy(b->file->docs, b->nodes.at, b->nodes.n * sizeof(*b->file->docs));
        b->file->n_docs = (uint32_t) b->nodes.n;
        return RT_OK;
}

int
rti_yaml_read(rti_arena *arena, rt_str name, rt_str text, rti_yaml_file **ret_file,
              rti_yaml_error *ret_error)
{
        builder b = { .arena = arena, .error = ret_error };
        int r;

        b.file = RTI_NEW(arena, rti_yaml_file);
        if (!b.file)
                return RT_ENOMEM;
        b.file->name = name;
        if (text.len > RTI_MAX_RULE_FILE_BYTES) {
                b.file->text = RTI_STR("");
                r = count_lines(arena, b.file);
                *ret_file = b.file;
                return r < 0 ? r
                             : fail_limit(&b, 0, RTI_LIMIT_RULE_FILE_BYTES,
                                          "The file is too large");
        }
        if (rti_str_starts(text, RTI_STR("\xef\xbb\xbf")))
                text = rti_str_sub(text, 3, text.len);
        b.file->text = text.len ? text : RTI_STR("");
        r = count_lines(arena, b.file);
        if (r == RT_OK)
                r = read_documents(&b);
        rti_vec_done(&b.nodes, arena->allocator);
        rti_vec_done(&b.levels, arena->allocator);
        rti_vec_done(&b.anchored, arena->allocator);
        if (r != RT_ENOMEM)
                *ret_file = b.file;
        return r;
}

const rti_yaml_node *
rti_yaml_get(const rti_yaml_node *map, const char *key)
{
        const rt_str name = rti_str_of(key);

        if (map->kind != RTI_YAML_MAP)
                return NULL;
        for (uint32_t i = 0; i + 1 < map->n; i += 2)
                if (map->child[i]->kind == RTI_YAML_SCALAR && rti_str_eq(map->child[i]->text, name))
                        return map->child[i + 1];
        return NULL;
}
