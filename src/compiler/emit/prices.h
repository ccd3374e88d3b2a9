/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prices.h - what the compiler believes that a step costs, in nanoseconds.
 *
 * One set of figures: the order of tests and the index are chosen by them. They come from counts of
 * instructions, four to a nanosecond (prices.def).
 */
#ifndef RTI_COMPILER_PRICES_H
#define RTI_COMPILER_PRICES_H

enum {
        RTI_NS_BEGIN = 40,     /* a rule, before it asks anything */
        RTI_NS_QUESTION = 6,   /* to put it, besides reading and comparing */
        RTI_NS_CLASSIFY = 15,  /* finding the atoms of a value, and where they lead to */
        RTI_NS_HIT = 2,        /* to pass by an atom that leads nowhere */
        RTI_NS_LOOK = 10,      /* at the atoms of a value that were found before */
        RTI_NS_SCAN = 30,      /* of a text, for what may be anywhere in it */
        RTI_NS_TRANSFORM = 30, /* a value made of others */
        RTI_NS_HOST = 100,     /* a field of the host's, besides */
        RTI_NS_WALK = 60       /* a field of all that there are: keys, ancestors */
};

#endif
