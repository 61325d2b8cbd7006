/* SPDX-License-Identifier: MIT */
/* ast.h: what a script says, and which line is wrong when it says nothing that is known. */
#include "check.h"
#include "drill/ast.h"
#include <string.h>

static struct drill_script script;

static const struct drill_event *parse(const char *text)
{
    drill_free(&script);
    if (drill_parse_text(&script, "test", text, strlen(text), NULL) < 0)
        test_fail(__FILE__, __LINE__, "line %d: %s", script.error_line, script.error);
    return script.first;
}

static const struct drill_packet *packet(const char *text)
{
    const struct drill_event *e = parse(text);

    check(e && e->kind == DRILL_PACKET);
    return e->packet;
}

static void refuses(const char *text, int line, const char *words)
{
    drill_free(&script);
    check(drill_parse_text(&script, "test", text, strlen(text), NULL) < 0);
    check_equal(script.error_line, line);
    if (!strstr(script.error, words))
        test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", script.error, words);
}

static void times_are_read(void)
{
    const struct drill_event *e = parse("0.5 close(3) = 0\n+.1 close(3) = 0\n* > . 1:1(0) ack 1\n"
                                        "+0...0.200 close(3) = 0\n+1~+1.1 > . 1:1(0) ack 1\n"
                                        "`x`\n");

    check(e->time_kind == TIME_ABSOLUTE && e->time == 500000000 && e->end == -1);
    e = e->next;
    check(e->time_kind == TIME_RELATIVE && e->time == 100000000);
    e = e->next;
    check(e->time_kind == TIME_ANY);
    e = e->next;
    check(e->blocking && e->time == 0 && e->end == 200000000);
    e = e->next;
    check(!e->blocking && e->time == 1000000000 && e->end == 1100000000);
    e = e->next;
    check(e->kind == DRILL_COMMAND && e->time == 0 && strcmp(e->text, "x") == 0 && !e->next);
}

static void calls_have_arguments_and_results(void)
{
    const struct drill_event *e =
        parse("+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 40}, {...,2}], msg_flags=0},\n"
              "   MSG_MORE|MSG_EOR) = -1 EAGAIN (try again)\n+0 fcntl(3, F_GETFL) = 0x2 (O_RDWR)");
    const struct drill_node *record, *vector;

    check(e->kind == DRILL_CALL && strcmp(e->text, "sendmsg") == 0);
    check_equal(e->arguments->count, 3);
    record = e->arguments->child[1];
    check(record->kind == NODE_RECORD && record->count == 3);
    check(record->child[0]->kind == NODE_FIELD && strcmp(record->child[0]->text, "msg_name") == 0);
    vector = record->child[1]->child[0];
    check(vector->kind == NODE_LIST && vector->count == 2);
    check_equal(vector->child[0]->child[1]->integer, 40);
    check(e->arguments->child[2]->kind == NODE_OR && e->arguments->child[2]->count == 2);
    check_equal(e->result->integer, -1);
    check(strcmp(e->result_errno, "EAGAIN") == 0);
    check_equal(e->next->result->integer, 2);
    check(!e->next->result_errno);
}

static void strings_have_escapes(void)
{
    const struct drill_node *text =
        parse("+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"\\xf7\\n\\\"\", 3) = 0")
            ->arguments->child[3];

    check_equal(text->length, 3);
    check(memcmp(text->text, "\xf7\n\"", 3) == 0);
}

static void segments_are_read(void)
{
    const struct drill_packet *p = packet("+0 < [ect0] SEWA 5:15(10) ack 7 win 300 urg 4 <mss "
                                          "1000,nop,wscale 7,sackOK,TS val 1 ecr 2,sack 1:2 3:4,"
                                          "eol>");

    check(p->inbound && p->protocol == 6 && p->ecn == ECN_ECT0);
    check_equal(p->flags, 2 | 64 | 128 | 256);
    check(p->seq == 5 && p->payload == 10 && p->has_ack && p->ack == 7);
    check(p->has_window && p->window == 300 && p->urgent == 4);
    check_equal(p->options, 7);
    check(p->option[0].kind == OPTION_MSS && p->option[0].value[0] == 1000);
    check(p->option[5].kind == OPTION_SACK && p->option[5].count == 4);
    p = packet("+0 < . 5:15(10) ack 7 <FO abcd,ECN e1b 1 ceb 2 e0b 3,eol>");
    check_equal(p->options, 3);
    check(p->option[0].kind == OPTION_FAST_OPEN && p->option[0].length == 2);
    check(p->option[1].kind == OPTION_ACCECN1 && p->option[1].value[2] == 3);
}

static void flags_may_hold_the_ace_field(void)
{
    check_equal(packet("+0 > P5. 1:1(0) ack 1")->flags, 8 | 16 | 64 | 256);
    check_equal(packet("+0 > - 1:1(0)")->flags, 0);
    check(packet("+0 > S 1:1(0) <...>")->any_options);
}

static void datagrams_and_icmp_are_read(void)
{
    const struct drill_packet *p = packet("+0 > udp (1000)");

    check(!p->inbound && p->protocol == 17 && p->payload == 1000);
    p = packet("+0 < icmp unreachable frag_needed mtu 840 [0:1000(1000)]");
    check(p->protocol == 1 && p->type == 3 && p->code == 4 && p->mtu == 840);
    check(p->has_quote && p->quote_seq == 0 && p->quote_payload == 1000);
}

static void comments_commands_code_and_options_are_read(void)
{
    const struct drill_event *e =
        parse("// one\n--tolerance_usecs=10000 // two\n--strict_segments\n"
              "/* three\n */ `a\nb` +0 %{ assert 1 }%\n");

    check(e->kind == DRILL_COMMAND && strcmp(e->text, "a\nb") == 0);
    check(e->next->kind == DRILL_CODE && e->next->line == 6);
    check(strcmp(script.settings->name, "strict_segments") == 0);
    check(strcmp(script.settings->next->value, "10000") == 0);
}

static void words_may_be_defined(void)
{
    static const struct drill_define define[] = {{"COOKIE", "01ff"}, {"CODE", "port_unreachable"}};
    static const struct drill_options options = {.defines = define, .define_count = 2};
    const char *text = "+0 < S 0:0(0) win 1 <FO COOKIE>\n+0 < icmp unreachable CODE\n";

    drill_free(&script);
    check(drill_parse_text(&script, "test", text, strlen(text), &options) == 0);
    check_equal(script.first->packet->option[0].bytes[1], 0xff);
    check_equal(script.first->next->packet->code, 3);
}

static void what_is_unknown_is_named_with_its_line(void)
{
    refuses("\n\n+0 > . 1:1(0) ack 1 <spam 3>", 3, "spam");
    refuses("+0 < S 0:0(0) <FO COOKIE>", 1, "COOKIE");
    refuses("+0 < icmp teapot", 1, "teapot");
    refuses("+0 < [gold] . 1:1(0)", 1, "gold");
    refuses("+0 > . 1:5(3)", 1, "3 bytes");
    refuses("+0 close(3)\n", 2, "'='");
    refuses("`never ends", 1, "'`'");
    refuses("+0...", 1, "time");
    refuses("+2~+1 > . 1:1(0)", 1, "ends before it begins");
    refuses("+0 > . 99999999999999999999999:1(0)", 1, "too large");
    refuses("+0 f({{{{{{{{{{{{{{{{{{{{1}}}}}}}}}}}}}}}}}}}}) = 0", 1, "nested");
}

static void every_cut_of_a_script_is_read_safely(void)
{
    static const char text[] =
        "--mss=1 `a` 0 socket(..., SOCK_STREAM, 6) = 3 +0...1 f({a(1)=[\"\\x1"
        "\"]}) = -1 EIO (x) +0 < [ce] S. 0:1(1) ack 1 win 2 <sack 1:2,FO "
        "ab,...> +0 %{ x }% /* y */";
    int whole = 0;

    for (size_t n = 0; n < sizeof text; n++) {
        drill_free(&script);
        whole += drill_parse_text(&script, "test", text, n, NULL) == 0;
    }
    check(whole > 0 && whole < (int)sizeof text);
}

static const struct test tests[] = {
    {"times are absolute, relative, ranges or any", times_are_read},
    {"calls have arguments, results and errors", calls_have_arguments_and_results},
    {"strings have escapes", strings_have_escapes},
    {"segments are read with flags, numbers and options", segments_are_read},
    {"flags may hold the ACE field, be none, and options be any", flags_may_hold_the_ace_field},
    {"UDP and ICMP are read", datagrams_and_icmp_are_read},
    {"comments, commands, code and options are read", comments_commands_code_and_options_are_read},
    {"words may be defined by the caller", words_may_be_defined},
    {"what is unknown is named with its line", what_is_unknown_is_named_with_its_line},
    {"every cut of a script is read safely", every_cut_of_a_script_is_read_safely},
};

int main(void)
{
    int result = test_main(tests, sizeof tests / sizeof *tests);

    drill_free(&script);
    return result;
}
