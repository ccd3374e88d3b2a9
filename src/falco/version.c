/* SPDX-License-Identifier: Apache-2.0 */
/* version.c - which versions of the interface fit, and what a version looks like. */
#include "falco/plugin.h"

enum { MOST_DIGITS = 9 };

/* A number at *at, which is moved behind it. */
static bool
read_number(const char **at, uint32_t *ret_number)
{
        uint32_t number = 0;
        size_t n = 0;

        for (; **at >= '0' && **at <= '9'; ++*at, n++) {
                if (n == MOST_DIGITS)
                        return false;
                number = number * 10 + (uint32_t) (**at - '0');
        }
        *ret_number = number;
        return n > 0;
}

/* MAJOR.MINOR.PATCH at the start of @a text; *ret_rest is what follows. */
static bool
read_version(const char *text, uint32_t parts[3], const char **ret_rest)
{
        for (size_t i = 0; i < 3; i++) {
                if (i && *text++ != '.')
                        return false;
                if (!read_number(&text, &parts[i]))
                        return false;
        }
        *ret_rest = text;
        return true;
}

/* Dot-separated identifiers; *at is moved behind them. */
static bool
read_identifiers(const char **at)
{
        static const char allowed[] =
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

        for (;;) {
                const size_t n = strspn(*at, allowed);

                if (!n)
                        return false;
                *at += n;
                if (**at != '.')
                        return true;
                ++*at;
        }
}

bool
rti_fp_is_semver(const char *version)
{
        uint32_t parts[3];
        const char *rest;

        if (!read_version(version, parts, &rest))
                return false;
        if (*rest == '-' && (rest++, !read_identifiers(&rest)))
                return false;
        if (*rest == '+' && (rest++, !read_identifiers(&rest)))
                return false;
        return *rest == '\0';
}

int
rti_fp_check_api_version(const char *version, const rti_fp_message *message)
{
        static const char incompatible[] =
                "plugin required API version '%s' not compatible with the framework's API version "
                "'%d.%d.%d': %s";
        const char *why = NULL, *rest;
        uint32_t parts[3];

        if (!read_version(version, parts, &rest) || *rest)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "plugin provided an invalid required API version: '%s'",
                                   version);
        if (parts[0] != RTI_FP_MAJOR)
                why = "major versions disagree";
        else if (parts[1] > RTI_FP_MINOR)
                why = "framework's minor is less than the requested one";
        else if (parts[1] == RTI_FP_MINOR && parts[2] > RTI_FP_PATCH)
                why = "framework's patch is less than the requested one";
        if (!why)
                return RT_OK;
        return rti_fp_fail(message, RT_EFORMAT, incompatible, version, RTI_FP_MAJOR, RTI_FP_MINOR,
                           RTI_FP_PATCH, why);
}

/* Within a major version events only gain parameters. */
int
rti_fp_check_schema_version(const char *version, const rti_fp_message *message)
{
        static const uint32_t ours[3] = { RTI_FP_EVENTS_MAJOR, RTI_FP_EVENTS_MINOR,
                                          RTI_FP_EVENTS_PATCH };
        const char *rest;
        uint32_t parts[3];
        size_t i = 0;

        if (!read_version(version, parts, &rest) || *rest)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "plugin provided an invalid required event schema version: '%s'",
                                   version);
        while (i < 2 && parts[i] == ours[i])
                i++;
        if (parts[i] <= ours[i])
                return parts[0] < ours[0] ? 1 : RT_OK;
        return rti_fp_fail(message, RT_EFORMAT,
                           "plugin required event schema version '%s' is newer than the "
                           "framework's '%d.%d.%d'",
                           version, RTI_FP_EVENTS_MAJOR, RTI_FP_EVENTS_MINOR, RTI_FP_EVENTS_PATCH);
}
