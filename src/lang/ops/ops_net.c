/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_net.c - = and != on addresses, and addresses in networks.
 *
 * A value of a field of kind IPNET is an address; the networks are the constants. An address of the
 * other family equals nothing and is in no network.
 */
#include "lang/ops/family.h"

bool
rti_net_has(const rt_value *net, const rt_value *address)
{
        const uint32_t bits = net->count >> 8, whole = bits / 8, rest = bits % 8;

        if (rti_ip_bytes(net) != rti_ip_bytes(address) || memcmp(net->as.ip, address->as.ip, whole))
                return false;
        return rest == 0 || (net->as.ip[whole] ^ address->as.ip[whole]) >> (8 - rest) == 0;
}

uint32_t
rti_net_hash(const rt_value *address, uint32_t length)
{
        const uint32_t bits = length >> 8, whole = bits / 8, rest = bits % 8;
        uint8_t ip[16] = { 0 };

        memcpy(ip, address->as.ip, whole);
        if (rest)
                ip[whole] = (uint8_t) (address->as.ip[whole] & 0xff << (8 - rest));
        return (uint32_t) rti_hash(ip, sizeof ip, length);
}

static bool
ip_eq(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return rti_ip_eq(&operand->values[0], value);
}

static bool
ip_ne(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return !rti_ip_eq(&operand->values[0], value);
}

static bool
net_eq(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return rti_net_has(&operand->values[0], value);
}

static bool
net_ne(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return !rti_net_has(&operand->values[0], value);
}

int
rti_net_build(rti_build *build, rti_operand *operand)
{
        const bool net = operand->type.kind == RT_KIND_IPNET;

        (void) build;
        if (operand->op == RTI_OP_EQ)
                operand->test = net ? net_eq : ip_eq;
        else
                operand->test = net ? net_ne : ip_ne;
        return RT_OK;
}
