/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.c - who made the call.
 *
 *   in   userIdentity
 *   out  a name, chosen by the kind of identity
 */
#include "sources/cloudtrail/cloudtrail.h"

enum { TYPE, USER_NAME, INVOKED_BY, ISSUER_NAME };

enum whose { BY_USER_NAME, BY_INVOKER, BY_ISSUER, BY_TYPE };

static const struct {
        rt_str type;
        enum whose whose;
} identities[] = {
        { RTI_STR_INIT("Root"), BY_USER_NAME },     { RTI_STR_INIT("IAMUser"), BY_USER_NAME },
        { RTI_STR_INIT("AWSService"), BY_INVOKER }, { RTI_STR_INIT("AssumedRole"), BY_ISSUER },
        { RTI_STR_INIT("AWSAccount"), BY_TYPE },    { RTI_STR_INIT("FederatedUser"), BY_TYPE },
};

/* The name at @a node, else 0 and "<NA>". */
static int
name_at(rti_kit *kit, const rt_event *event, rti_json_node node, rt_str *ret_text)
{
        int r;

        if (node == RTI_JSON_NONE) {
                *ret_text = RTI_STR("<NA>");
                return 0;
        }
        r = rti_kit_plain(kit, event, node, ret_text);
        return r < 0 ? r : 1;
}

int
rti_cloudtrail_user(rti_kit *kit, const rt_event *event, const rti_json_node *nodes,
                    rt_str *ret_text)
{
        rt_str type;
        size_t i = 0;
        int r;

        *ret_text = RTI_STR("");
        if (!rti_kit_is(kit, nodes[TYPE], RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, nodes[TYPE], &type);
        if (r < 0)
                return r;
        while (i < RTI_COUNT(identities) && !rti_str_eq(type, identities[i].type))
                i++;
        if (i == RTI_COUNT(identities)) {
                *ret_text = RTI_STR("<unknown user type>");
                return 0;
        }
        switch (identities[i].whose) {
        case BY_USER_NAME:
                return name_at(kit, event, nodes[USER_NAME], ret_text);
        case BY_INVOKER:
                return name_at(kit, event, nodes[INVOKED_BY], ret_text);
        case BY_ISSUER:
                if (nodes[ISSUER_NAME] != RTI_JSON_NONE)
                        return name_at(kit, event, nodes[ISSUER_NAME], ret_text);
                break;
        case BY_TYPE:
                break;
        }
        *ret_text = type;
        return 1;
}
