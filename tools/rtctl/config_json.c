/* SPDX-License-Identifier: Apache-2.0 */
/* config_json.c - a part of a YAML document as JSON text: configurations of plug-ins. */
#include "config_json.h"
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

static bool put_node(FILE *to, yaml_document_t *document, yaml_node_t *node, unsigned depth);

/* Is the text a number as JSON writes them? */
static bool
is_number(const char *text)
{
        const char *at = text + (*text == '-');
        size_t n = strspn(at, "0123456789");

        if (!n || (n > 1 && *at == '0'))
                return false;
        at += n;
        if (*at == '.') {
                n = strspn(++at, "0123456789");
                if (!n)
                        return false;
                at += n;
        }
        if (*at == 'e' || *at == 'E') {
                at++;
                at += *at == '+' || *at == '-';
                n = strspn(at, "0123456789");
                if (!n)
                        return false;
                at += n;
        }
        return *at == '\0';
}

/* What a plain scalar stands for, if it is a word that JSON has; else NULL. */
static const char *
word_of(const char *text)
{
        static const struct {
                const char *yaml, *json;
        } words[] = {
                { "true", "true" },   { "True", "true" },   { "TRUE", "true" },
                { "yes", "true" },    { "on", "true" },     { "false", "false" },
                { "False", "false" }, { "FALSE", "false" }, { "no", "false" },
                { "off", "false" },   { "null", "null" },   { "~", "null" },
                { "", "null" },
        };

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strcmp(words[i].yaml, text) == 0)
                        return words[i].json;
        return NULL;
}

static void
put_scalar(FILE *to, const yaml_node_t *node)
{
        const char *text = (const char *) node->data.scalar.value;
        const bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

        if (plain && word_of(text))
                fputs(word_of(text), to);
        else if (plain && is_number(text))
                fputs(text, to);
        else
                put_json(to, text);
}

static bool
put_map(FILE *to, yaml_document_t *document, yaml_node_t *node, unsigned depth)
{
        const char *comma = "";

        putc('{', to);
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
             p++) {
                const yaml_node_t *key = yaml_document_get_node(document, p->key);

                if (key->type != YAML_SCALAR_NODE)
                        return false;
                fputs(comma, to);
                put_json(to, (const char *) key->data.scalar.value);
                putc(':', to);
                if (!put_node(to, document, yaml_document_get_node(document, p->value), depth + 1))
                        return false;
                comma = ",";
        }
        putc('}', to);
        return true;
}

static bool
put_list(FILE *to, yaml_document_t *document, yaml_node_t *node, unsigned depth)
{
        const char *comma = "";

        putc('[', to);
        for (yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++) {
                fputs(comma, to);
                if (!put_node(to, document, yaml_document_get_node(document, *i), depth + 1))
                        return false;
                comma = ",";
        }
        putc(']', to);
        return true;
}

static bool
put_node(FILE *to, yaml_document_t *document, yaml_node_t *node, unsigned depth)
{
        if (depth > MOST_DEPTH)
                return false;
        switch (node->type) {
        case YAML_SCALAR_NODE:
                put_scalar(to, node);
                return true;
        case YAML_SEQUENCE_NODE:
                return put_list(to, document, node, depth);
        case YAML_MAPPING_NODE:
                return put_map(to, document, node, depth);
        case YAML_NO_NODE:
                break;
        }
        return false;
}

char *
config_json(yaml_document_t *document, yaml_node_t *node)
{
        char *text = NULL;
        size_t len = 0;
        FILE *to = need(open_memstream(&text, &len));
        const bool good = put_node(to, document, node, 0);

        fclose(to);
        need(text);
        if (!good) {
                free(text);
                text = NULL;
        }
        return text;
}
