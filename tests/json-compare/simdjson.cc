// SPDX-License-Identifier: Apache-2.0
// simdjson.cc - simdjson's DOM in the form of compare.h.
#include "compare.h"
#include <cstdio>
#include <simdjson.h>
#include <string>

using namespace simdjson;

namespace
{

struct form {
        compare_add add;
        void *user;

        void put(std::string_view text) const
        {
                add(user, text.data(), text.size());
        }
        void put_string(std::string_view text) const
        {
                put("s" + std::to_string(text.size()) + ":");
                put(text);
        }
};

void
put_value(const form &f, dom::element value)
{
        char number[64];

        switch (value.type()) {
        case dom::element_type::ARRAY:
                f.put("[");
                for (dom::element child : dom::array(value))
                        put_value(f, child);
                f.put("]");
                break;
        case dom::element_type::OBJECT:
                f.put("{");
                for (auto member : dom::object(value)) {
                        f.put_string(member.key);
                        put_value(f, member.value);
                }
                f.put("}");
                break;
        case dom::element_type::STRING:
                f.put_string(value.get_string().value());
                break;
        case dom::element_type::BOOL:
                f.put(bool(value) ? "t" : "f");
                break;
        case dom::element_type::NULL_VALUE:
                f.put("z");
                break;
        default:
                snprintf(number, sizeof number, "n%.17g", value.get_double().value() + 0.0);
                f.put(number);
                break;
        }
}

} // namespace

int
compare_simdjson(const char *text, size_t len, compare_add add, void *user)
{
        static dom::parser parser; // tests have one thread
        dom::element root;

        switch (parser.parse(text, len, false).get(root)) {
        case SUCCESS:
                put_value(form{ add, user }, root);
                return COMPARE_GOOD;
        case NUMBER_ERROR: // also one that does not fit
        case STRING_ERROR: // also half a surrogate pair
                return COMPARE_LIMIT;
        default:
                return COMPARE_BAD;
        }
}
