/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info.c - one line about a record: ct.info and evt.plugininfo.
 *
 *   in   a parsed record; members are looked up one by one, since few records are ever printed
 *   out  `USER via IP ARROW NAME ...`; what is wrong with the record where that cannot be made
 */
#include "sources/cloudtrail/cloudtrail.h"

/* Everything a line is made of. */
typedef struct facts {
        rti_kit *kit;
        const rt_event *event;
        rt_str user; /* or what stands for a missing one */
        bool has_user;
} facts;

/* The string at @a path, false if there is none; other values count as an empty one. */
static bool
text_at(const facts *f, const char *path, rt_str *ret_text)
{
        const rti_json_node node = rti_kit_find(f->kit, path);

        return node != RTI_JSON_NONE && rti_kit_plain(f->kit, f->event, node, ret_text) == RT_OK;
}

static bool
string_at(const facts *f, const char *path, rt_str *ret_text)
{
        return rti_kit_is(f->kit, rti_kit_find(f->kit, path), RTI_JSON_STRING)
               && text_at(f, path, ret_text);
}

static int
find_user(facts *f)
{
        static const char *const paths[] = { "userIdentity type", "userIdentity userName",
                                             "userIdentity invokedBy",
                                             "userIdentity sessionContext sessionIssuer userName" };
        rti_json_node nodes[RTI_COUNT(paths)];
        int r;

        for (size_t i = 0; i < RTI_COUNT(paths); i++)
                nodes[i] = rti_kit_find(f->kit, paths[i]);
        r = rti_cloudtrail_user(f->kit, f->event, nodes, &f->user);
        f->has_user = r == 1;
        return r;
}

static rt_str
short_of(rt_str source)
{
        static const rt_str suffix = RTI_STR_INIT(".amazonaws.com");

        if (source.len > suffix.len && rti_str_ends(source, suffix))
                source.len -= suffix.len;
        return source;
}

static void
add_pair(rti_buf *buf, const char *name, rt_str value)
{
        rti_buf_add_text(buf, name);
        rti_buf_add(buf, value);
}

/* ` Size=N`: the bytes of both directions together. */
static void
add_size(const facts *f, rti_buf *buf)
{
        static const char *const paths[] = { "additionalEventData bytesTransferredIn",
                                             "additionalEventData bytesTransferredOut" };
        uint64_t sum = 0;
        bool any = false;

        for (size_t i = 0; i < RTI_COUNT(paths); i++) {
                const rti_json_node node = rti_kit_find(f->kit, paths[i]);

                any |= node != RTI_JSON_NONE;
                if (rti_kit_is(f->kit, node, RTI_JSON_NUMBER))
                        sum += rti_cloudtrail_u64(rti_json_raw(f->kit->doc, node));
        }
        if (any) {
                rti_buf_add_text(buf, " Size=");
                rti_buf_add_u64(buf, sum);
        }
}

static void
add_target(const facts *f, rti_buf *buf)
{
        rt_str bucket, key, host;
        const bool has_bucket = text_at(f, "requestParameters bucketName", &bucket);
        const bool has_key = text_at(f, "requestParameters key", &key);
        rt_str text;

        if (string_at(f, "requestParameters bucketName", &text)
            && string_at(f, "requestParameters key", &text)) {
                add_pair(buf, " URI=s3://", bucket);
                add_pair(buf, "/", key);
        } else if (has_bucket) {
                add_pair(buf, " Bucket=", bucket);
        } else if (has_key) {
                add_pair(buf, " Key=", key);
        } else if (text_at(f, "requestParameters Host", &host)) {
                add_pair(buf, " Host=", host);
        }
}

/* The reference reads these members from the record itself, where they never are. */
static void
add_access_block(const facts *f, rti_buf *buf)
{
        static const char *const names[] = { "BlockPublicAcls", "BlockPublicPolicy",
                                             "IgnorePublicAcls", "RestrictPublicBuckets" };

        if (!rti_kit_is(f->kit,
                        rti_kit_find(f->kit, "requestParameters PublicAccessBlockConfiguration"),
                        RTI_JSON_OBJECT))
                return;
        for (size_t i = 0; i < RTI_COUNT(names); i++) {
                const bool set = rti_kit_is(f->kit, rti_kit_find(f->kit, names[i]), RTI_JSON_TRUE);

                rti_buf_printf(buf, " %s=%s", names[i], set ? "true" : "false");
        }
        rti_buf_add_char(buf, ' ');
}

/* What ct.info says, behind what @a buf holds already. */
static void
add_summary(const facts *f, rti_buf *buf)
{
        const char *missing = NULL;
        rti_json_node read_only = rti_kit_find(f->kit, "readOnly");
        rt_str ip = RTI_STR(""), name = RTI_STR("");

        if (!f->has_user)
                missing = "userIdentity";
        else if (!text_at(f, "sourceIPAddress", &ip))
                missing = "eventSource";
        else if (!text_at(f, "eventName", &name))
                missing = "eventName";
        if (missing) {
                rti_buf_printf(buf, "<invalid cloudtrail event: %s field missing>", missing);
                return;
        }
        rti_buf_add(buf, f->user);
        if (!rti_str_eq(ip, f->user))
                add_pair(buf, " via ", ip);
        rti_buf_add_char(buf, ' ');
        if (rti_kit_find(f->kit, "errorCode") != RTI_JSON_NONE)
                rti_buf_add_char(buf, '!');
        rti_buf_add_text(buf,
                         read_only != RTI_JSON_NONE && !rti_kit_is(f->kit, read_only, RTI_JSON_TRUE)
                                 ? "\xe2\x86\x92 "   /* an arrow to the right */
                                 : "\xe2\x86\x90 "); /* to the left */
        rti_buf_add(buf, name);
        if (rti_str_is(name, "PutBucketPublicAccessBlock")) {
                add_access_block(f, buf);
        } else {
                add_size(f, buf);
                add_target(f, buf);
        }
}

int
rti_cloudtrail_summary(rti_kit *kit, const rt_event *event, rt_str *ret_text)
{
        facts f = { .kit = kit, .event = event };
        int r = find_user(&f);

        if (r < 0)
                return r;
        rti_buf_clear(&kit->text);
        add_summary(&f, &kit->text);
        r = rti_kit_keep(kit, event, ret_text);
        return r < 0 ? r : 1;
}

int
rti_cloudtrail_info(rti_kit *kit, const rt_event *event, rt_str *ret_text)
{
        facts f = { .kit = kit, .event = event };
        rt_str source = RTI_STR(""), region = RTI_STR(""), name = RTI_STR("");
        const char *missing = NULL;
        int r = find_user(&f);

        if (r < 0)
                return r;
        if (!string_at(&f, "eventSource", &source))
                missing = "a source";
        else if (!string_at(&f, "awsRegion", &region))
                missing = "an awsRegion";
        else if (!string_at(&f, "eventName", &name))
                missing = "an eventName";
        rti_buf_clear(&kit->text);
        if (missing) {
                rti_buf_printf(&kit->text, "<invalid JSON: event did not contain %s>", missing);
        } else {
                rti_buf_add(&kit->text, region);
                if (f.has_user && f.user.len > 0)
                        rti_buf_add_char(&kit->text, ' ');
                rti_buf_add(&kit->text, f.user);
                add_pair(&kit->text, " ", short_of(source));
                add_pair(&kit->text, " ", name);
                rti_buf_add_char(&kit->text, ' ');
                add_summary(&f, &kit->text);
        }
        r = rti_kit_keep(kit, event, ret_text);
        return r < 0 ? r : 1;
}
