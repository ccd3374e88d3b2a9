/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.c - where every member of every public struct stands, on 64-bit machines: for ever, within
 * a major version. Made by scripts/layout.py; members are only ever added at the end, and then here
 * too.
 */
#include <assert.h>
#include <libruntime/types.h>
#include <libruntime/source.h>
#include <libruntime/fields.h>
#include <libruntime/lists.h>
#include <libruntime/runtime.h>
#include <libruntime-falco/falco.h>
#include <libruntime-inputs/follow.h>
#include <libruntime-inputs/gzip.h>
#include <libruntime-inputs/webhook.h>
#include <libruntime-live/live.h>
#include <libruntime-lua/lua.h>
#include <libruntime-natives/natives.h>

#if UINTPTR_MAX == UINT64_MAX

static_assert(sizeof(rt_str) == 16, "rt_str");
static_assert(offsetof(rt_str, ptr) == 0, "rt_str.ptr");
static_assert(offsetof(rt_str, len) == 8, "rt_str.len");

static_assert(sizeof(rt_value) == 32, "rt_value");
static_assert(offsetof(rt_value, kind) == 0, "rt_value.kind");
static_assert(offsetof(rt_value, count) == 4, "rt_value.count");
static_assert(offsetof(rt_value, as) == 8, "rt_value.as");

static_assert(sizeof(rt_allocator) == 24, "rt_allocator");
static_assert(offsetof(rt_allocator, size) == 0, "rt_allocator.size");
static_assert(offsetof(rt_allocator, resize) == 8, "rt_allocator.resize");
static_assert(offsetof(rt_allocator, user) == 16, "rt_allocator.user");

static_assert(sizeof(rt_field_desc) == 40, "rt_field_desc");
static_assert(offsetof(rt_field_desc, name) == 0, "rt_field_desc.name");
static_assert(offsetof(rt_field_desc, group) == 8, "rt_field_desc.group");
static_assert(offsetof(rt_field_desc, kind) == 16, "rt_field_desc.kind");
static_assert(offsetof(rt_field_desc, flags) == 20, "rt_field_desc.flags");
static_assert(offsetof(rt_field_desc, format) == 24, "rt_field_desc.format");
static_assert(offsetof(rt_field_desc, reserved) == 28, "rt_field_desc.reserved");
static_assert(offsetof(rt_field_desc, help) == 32, "rt_field_desc.help");

static_assert(sizeof(rt_slot_desc) == 64, "rt_slot_desc");
static_assert(offsetof(rt_slot_desc, field) == 0, "rt_slot_desc.field");
static_assert(offsetof(rt_slot_desc, key) == 16, "rt_slot_desc.key");
static_assert(offsetof(rt_slot_desc, index) == 32, "rt_slot_desc.index");
static_assert(offsetof(rt_slot_desc, arg) == 40, "rt_slot_desc.arg");
static_assert(offsetof(rt_slot_desc, output) == 44, "rt_slot_desc.output");
static_assert(offsetof(rt_slot_desc, texts) == 48, "rt_slot_desc.texts");
static_assert(offsetof(rt_slot_desc, n_texts) == 56, "rt_slot_desc.n_texts");

static_assert(sizeof(rt_event_filter) == 64, "rt_event_filter");
static_assert(offsetof(rt_event_filter, type) == 0, "rt_event_filter.type");
static_assert(offsetof(rt_event_filter, results) == 4, "rt_event_filter.results");
static_assert(offsetof(rt_event_filter, fd_nums) == 8, "rt_event_filter.fd_nums");
static_assert(offsetof(rt_event_filter, fd_kinds) == 12, "rt_event_filter.fd_kinds");
static_assert(offsetof(rt_event_filter, open_modes) == 16, "rt_event_filter.open_modes");
static_assert(offsetof(rt_event_filter, scopes) == 20, "rt_event_filter.scopes");
static_assert(offsetof(rt_event_filter, raw_paths) == 24, "rt_event_filter.raw_paths");
static_assert(offsetof(rt_event_filter, reserved) == 28, "rt_event_filter.reserved");
static_assert(offsetof(rt_event_filter, paths) == 32, "rt_event_filter.paths");
static_assert(offsetof(rt_event_filter, n_paths) == 40, "rt_event_filter.n_paths");
static_assert(offsetof(rt_event_filter, names) == 48, "rt_event_filter.names");
static_assert(offsetof(rt_event_filter, n_names) == 56, "rt_event_filter.n_names");

static_assert(sizeof(rt_demand) == 72, "rt_demand");
static_assert(offsetof(rt_demand, size) == 0, "rt_demand.size");
static_assert(offsetof(rt_demand, slots) == 8, "rt_demand.slots");
static_assert(offsetof(rt_demand, n_slots) == 16, "rt_demand.n_slots");
static_assert(offsetof(rt_demand, slot_stride) == 24, "rt_demand.slot_stride");
static_assert(offsetof(rt_demand, event_types) == 32, "rt_demand.event_types");
static_assert(offsetof(rt_demand, n_event_words) == 40, "rt_demand.n_event_words");
static_assert(offsetof(rt_demand, filters) == 48, "rt_demand.filters");
static_assert(offsetof(rt_demand, n_filters) == 56, "rt_demand.n_filters");
static_assert(offsetof(rt_demand, filter_stride) == 64, "rt_demand.filter_stride");

static_assert(sizeof(rt_event) == 112, "rt_event");
static_assert(offsetof(rt_event, size) == 0, "rt_event.size");
static_assert(offsetof(rt_event, number) == 8, "rt_event.number");
static_assert(offsetof(rt_event, time_ns) == 16, "rt_event.time_ns");
static_assert(offsetof(rt_event, position) == 24, "rt_event.position");
static_assert(offsetof(rt_event, payload) == 32, "rt_event.payload");
static_assert(offsetof(rt_event, type) == 48, "rt_event.type");
static_assert(offsetof(rt_event, flags) == 52, "rt_event.flags");
static_assert(offsetof(rt_event, scratch) == 56, "rt_event.scratch");
static_assert(offsetof(rt_event, base_ns) == 64, "rt_event.base_ns");
static_assert(offsetof(rt_event, hostname) == 72, "rt_event.hostname");
static_assert(offsetof(rt_event, async_type) == 88, "rt_event.async_type");
static_assert(offsetof(rt_event, subject) == 104, "rt_event.subject");

static_assert(sizeof(rt_loss) == 64, "rt_loss");
static_assert(offsetof(rt_loss, size) == 0, "rt_loss.size");
static_assert(offsetof(rt_loss, cause) == 8, "rt_loss.cause");
static_assert(offsetof(rt_loss, part) == 16, "rt_loss.part");
static_assert(offsetof(rt_loss, count) == 24, "rt_loss.count");
static_assert(offsetof(rt_loss, event_types) == 32, "rt_loss.event_types");
static_assert(offsetof(rt_loss, n_event_words) == 40, "rt_loss.n_event_words");
static_assert(offsetof(rt_loss, kind) == 48, "rt_loss.kind");
static_assert(offsetof(rt_loss, reserved) == 52, "rt_loss.reserved");
static_assert(offsetof(rt_loss, source) == 56, "rt_loss.source");

static_assert(sizeof(rt_option) == 16, "rt_option");
static_assert(offsetof(rt_option, key) == 0, "rt_option.key");
static_assert(offsetof(rt_option, value) == 8, "rt_option.value");

static_assert(sizeof(rt_source_config) == 40, "rt_source_config");
static_assert(offsetof(rt_source_config, size) == 0, "rt_source_config.size");
static_assert(offsetof(rt_source_config, options) == 8, "rt_source_config.options");
static_assert(offsetof(rt_source_config, n_options) == 16, "rt_source_config.n_options");
static_assert(offsetof(rt_source_config, allocator) == 24, "rt_source_config.allocator");
static_assert(offsetof(rt_source_config, user) == 32, "rt_source_config.user");

static_assert(sizeof(rt_source_ops) == 184, "rt_source_ops");
static_assert(offsetof(rt_source_ops, size) == 0, "rt_source_ops.size");
static_assert(offsetof(rt_source_ops, abi) == 8, "rt_source_ops.abi");
static_assert(offsetof(rt_source_ops, flags) == 12, "rt_source_ops.flags");
static_assert(offsetof(rt_source_ops, name) == 16, "rt_source_ops.name");
static_assert(offsetof(rt_source_ops, plugin) == 24, "rt_source_ops.plugin");
static_assert(offsetof(rt_source_ops, version) == 32, "rt_source_ops.version");
static_assert(offsetof(rt_source_ops, fields) == 40, "rt_source_ops.fields");
static_assert(offsetof(rt_source_ops, n_fields) == 48, "rt_source_ops.n_fields");
static_assert(offsetof(rt_source_ops, field_stride) == 56, "rt_source_ops.field_stride");
static_assert(offsetof(rt_source_ops, create) == 64, "rt_source_ops.create");
static_assert(offsetof(rt_source_ops, destroy) == 72, "rt_source_ops.destroy");
static_assert(offsetof(rt_source_ops, demand) == 80, "rt_source_ops.demand");
static_assert(offsetof(rt_source_ops, restart) == 88, "rt_source_ops.restart");
static_assert(offsetof(rt_source_ops, next) == 96, "rt_source_ops.next");
static_assert(offsetof(rt_source_ops, extract) == 104, "rt_source_ops.extract");
static_assert(offsetof(rt_source_ops, info) == 112, "rt_source_ops.info");
static_assert(offsetof(rt_source_ops, identity) == 120, "rt_source_ops.identity");
static_assert(offsetof(rt_source_ops, instance_name) == 128, "rt_source_ops.instance_name");
static_assert(offsetof(rt_source_ops, walk) == 136, "rt_source_ops.walk");
static_assert(offsetof(rt_source_ops, accept) == 144, "rt_source_ops.accept");
static_assert(offsetof(rt_source_ops, loss) == 152, "rt_source_ops.loss");
static_assert(offsetof(rt_source_ops, split) == 160, "rt_source_ops.split");
static_assert(offsetof(rt_source_ops, user) == 168, "rt_source_ops.user");
static_assert(offsetof(rt_source_ops, inside) == 176, "rt_source_ops.inside");

static_assert(sizeof(rt_reader_ops) == 88, "rt_reader_ops");
static_assert(offsetof(rt_reader_ops, size) == 0, "rt_reader_ops.size");
static_assert(offsetof(rt_reader_ops, name) == 8, "rt_reader_ops.name");
static_assert(offsetof(rt_reader_ops, open) == 16, "rt_reader_ops.open");
static_assert(offsetof(rt_reader_ops, read) == 24, "rt_reader_ops.read");
static_assert(offsetof(rt_reader_ops, close) == 32, "rt_reader_ops.close");
static_assert(offsetof(rt_reader_ops, demand) == 40, "rt_reader_ops.demand");
static_assert(offsetof(rt_reader_ops, loss) == 48, "rt_reader_ops.loss");
static_assert(offsetof(rt_reader_ops, finish) == 56, "rt_reader_ops.finish");
static_assert(offsetof(rt_reader_ops, flags) == 64, "rt_reader_ops.flags");
static_assert(offsetof(rt_reader_ops, reserved) == 68, "rt_reader_ops.reserved");
static_assert(offsetof(rt_reader_ops, open_with) == 72, "rt_reader_ops.open_with");
static_assert(offsetof(rt_reader_ops, user) == 80, "rt_reader_ops.user");

static_assert(sizeof(rt_fields_config) == 32, "rt_fields_config");
static_assert(offsetof(rt_fields_config, size) == 0, "rt_fields_config.size");
static_assert(offsetof(rt_fields_config, source) == 8, "rt_fields_config.source");
static_assert(offsetof(rt_fields_config, allocator) == 16, "rt_fields_config.allocator");
static_assert(offsetof(rt_fields_config, user) == 24, "rt_fields_config.user");

static_assert(sizeof(rt_fields_demand) == 32, "rt_fields_demand");
static_assert(offsetof(rt_fields_demand, size) == 0, "rt_fields_demand.size");
static_assert(offsetof(rt_fields_demand, slots) == 8, "rt_fields_demand.slots");
static_assert(offsetof(rt_fields_demand, n_slots) == 16, "rt_fields_demand.n_slots");
static_assert(offsetof(rt_fields_demand, slot_stride) == 24, "rt_fields_demand.slot_stride");

static_assert(sizeof(rt_fields_ops) == 136, "rt_fields_ops");
static_assert(offsetof(rt_fields_ops, size) == 0, "rt_fields_ops.size");
static_assert(offsetof(rt_fields_ops, abi) == 8, "rt_fields_ops.abi");
static_assert(offsetof(rt_fields_ops, flags) == 12, "rt_fields_ops.flags");
static_assert(offsetof(rt_fields_ops, name) == 16, "rt_fields_ops.name");
static_assert(offsetof(rt_fields_ops, version) == 24, "rt_fields_ops.version");
static_assert(offsetof(rt_fields_ops, sources) == 32, "rt_fields_ops.sources");
static_assert(offsetof(rt_fields_ops, fields) == 40, "rt_fields_ops.fields");
static_assert(offsetof(rt_fields_ops, n_fields) == 48, "rt_fields_ops.n_fields");
static_assert(offsetof(rt_fields_ops, field_stride) == 56, "rt_fields_ops.field_stride");
static_assert(offsetof(rt_fields_ops, reads) == 64, "rt_fields_ops.reads");
static_assert(offsetof(rt_fields_ops, user) == 72, "rt_fields_ops.user");
static_assert(offsetof(rt_fields_ops, create) == 80, "rt_fields_ops.create");
static_assert(offsetof(rt_fields_ops, destroy) == 88, "rt_fields_ops.destroy");
static_assert(offsetof(rt_fields_ops, demand) == 96, "rt_fields_ops.demand");
static_assert(offsetof(rt_fields_ops, extract) == 104, "rt_fields_ops.extract");
static_assert(offsetof(rt_fields_ops, release) == 112, "rt_fields_ops.release");
static_assert(offsetof(rt_fields_ops, check) == 120, "rt_fields_ops.check");
static_assert(offsetof(rt_fields_ops, deadline_ms) == 128, "rt_fields_ops.deadline_ms");
static_assert(offsetof(rt_fields_ops, reserved) == 132, "rt_fields_ops.reserved");

static_assert(sizeof(rt_match_field) == 40, "rt_match_field");
static_assert(offsetof(rt_match_field, name) == 0, "rt_match_field.name");
static_assert(offsetof(rt_match_field, value) == 8, "rt_match_field.value");

static_assert(sizeof(rt_match) == 48, "rt_match");
static_assert(offsetof(rt_match, size) == 0, "rt_match.size");
static_assert(offsetof(rt_match, flags) == 8, "rt_match.flags");
static_assert(offsetof(rt_match, priority) == 12, "rt_match.priority");
static_assert(offsetof(rt_match, tags) == 16, "rt_match.tags");
static_assert(offsetof(rt_match, fields) == 24, "rt_match.fields");
static_assert(offsetof(rt_match, n_fields) == 32, "rt_match.n_fields");
static_assert(offsetof(rt_match, field_stride) == 40, "rt_match.field_stride");

static_assert(sizeof(rt_item) == 48, "rt_item");
static_assert(offsetof(rt_item, size) == 0, "rt_item.size");
static_assert(offsetof(rt_item, json) == 8, "rt_item.json");
static_assert(offsetof(rt_item, file) == 24, "rt_item.file");
static_assert(offsetof(rt_item, folder) == 32, "rt_item.folder");
static_assert(offsetof(rt_item, line) == 40, "rt_item.line");
static_assert(offsetof(rt_item, column) == 44, "rt_item.column");

static_assert(sizeof(rt_item_ops) == 40, "rt_item_ops");
static_assert(offsetof(rt_item_ops, size) == 0, "rt_item_ops.size");
static_assert(offsetof(rt_item_ops, abi) == 8, "rt_item_ops.abi");
static_assert(offsetof(rt_item_ops, flags) == 12, "rt_item_ops.flags");
static_assert(offsetof(rt_item_ops, key) == 16, "rt_item_ops.key");
static_assert(offsetof(rt_item_ops, user) == 24, "rt_item_ops.user");
static_assert(offsetof(rt_item_ops, load) == 32, "rt_item_ops.load");

static_assert(sizeof(rt_list_info) == 32, "rt_list_info");
static_assert(offsetof(rt_list_info, size) == 0, "rt_list_info.size");
static_assert(offsetof(rt_list_info, name) == 8, "rt_list_info.name");
static_assert(offsetof(rt_list_info, kind) == 16, "rt_list_info.kind");
static_assert(offsetof(rt_list_info, reserved) == 20, "rt_list_info.reserved");
static_assert(offsetof(rt_list_info, count) == 24, "rt_list_info.count");

static_assert(sizeof(rt_diag) == 88, "rt_diag");
static_assert(offsetof(rt_diag, size) == 0, "rt_diag.size");
static_assert(offsetof(rt_diag, code) == 8, "rt_diag.code");
static_assert(offsetof(rt_diag, severity) == 12, "rt_diag.severity");
static_assert(offsetof(rt_diag, reference) == 16, "rt_diag.reference");
static_assert(offsetof(rt_diag, line) == 20, "rt_diag.line");
static_assert(offsetof(rt_diag, column) == 24, "rt_diag.column");
static_assert(offsetof(rt_diag, end_line) == 28, "rt_diag.end_line");
static_assert(offsetof(rt_diag, end_column) == 32, "rt_diag.end_column");
static_assert(offsetof(rt_diag, reserved) == 36, "rt_diag.reserved");
static_assert(offsetof(rt_diag, id) == 40, "rt_diag.id");
static_assert(offsetof(rt_diag, name) == 48, "rt_diag.name");
static_assert(offsetof(rt_diag, file) == 56, "rt_diag.file");
static_assert(offsetof(rt_diag, item) == 64, "rt_diag.item");
static_assert(offsetof(rt_diag, message) == 72, "rt_diag.message");
static_assert(offsetof(rt_diag, hint) == 80, "rt_diag.hint");

static_assert(sizeof(rt_engine_opts) == 64, "rt_engine_opts");
static_assert(offsetof(rt_engine_opts, size) == 0, "rt_engine_opts.size");
static_assert(offsetof(rt_engine_opts, allocator) == 8, "rt_engine_opts.allocator");
static_assert(offsetof(rt_engine_opts, hostname) == 16, "rt_engine_opts.hostname");
static_assert(offsetof(rt_engine_opts, sources) == 24, "rt_engine_opts.sources");
static_assert(offsetof(rt_engine_opts, max_record_bytes) == 32, "rt_engine_opts.max_record_bytes");
static_assert(offsetof(rt_engine_opts, max_event_bytes) == 40, "rt_engine_opts.max_event_bytes");
static_assert(offsetof(rt_engine_opts, max_output_bytes) == 48, "rt_engine_opts.max_output_bytes");
static_assert(offsetof(rt_engine_opts, max_load_bytes) == 56, "rt_engine_opts.max_load_bytes");

static_assert(sizeof(rt_field_info) == 56, "rt_field_info");
static_assert(offsetof(rt_field_info, size) == 0, "rt_field_info.size");
static_assert(offsetof(rt_field_info, name) == 8, "rt_field_info.name");
static_assert(offsetof(rt_field_info, group) == 16, "rt_field_info.group");
static_assert(offsetof(rt_field_info, source) == 24, "rt_field_info.source");
static_assert(offsetof(rt_field_info, help) == 32, "rt_field_info.help");
static_assert(offsetof(rt_field_info, kind) == 40, "rt_field_info.kind");
static_assert(offsetof(rt_field_info, flags) == 44, "rt_field_info.flags");
static_assert(offsetof(rt_field_info, format) == 48, "rt_field_info.format");
static_assert(offsetof(rt_field_info, reserved) == 52, "rt_field_info.reserved");

static_assert(sizeof(rt_source_info) == 40, "rt_source_info");
static_assert(offsetof(rt_source_info, size) == 0, "rt_source_info.size");
static_assert(offsetof(rt_source_info, name) == 8, "rt_source_info.name");
static_assert(offsetof(rt_source_info, plugin) == 16, "rt_source_info.plugin");
static_assert(offsetof(rt_source_info, version) == 24, "rt_source_info.version");
static_assert(offsetof(rt_source_info, readable) == 32, "rt_source_info.readable");
static_assert(offsetof(rt_source_info, reserved) == 36, "rt_source_info.reserved");

static_assert(sizeof(rt_table_row) == 40, "rt_table_row");
static_assert(offsetof(rt_table_row, size) == 0, "rt_table_row.size");
static_assert(offsetof(rt_table_row, number) == 8, "rt_table_row.number");
static_assert(offsetof(rt_table_row, name) == 16, "rt_table_row.name");
static_assert(offsetof(rt_table_row, detail) == 24, "rt_table_row.detail");
static_assert(offsetof(rt_table_row, help) == 32, "rt_table_row.help");

static_assert(sizeof(rt_append_output) == 64, "rt_append_output");
static_assert(offsetof(rt_append_output, size) == 0, "rt_append_output.size");
static_assert(offsetof(rt_append_output, source) == 8, "rt_append_output.source");
static_assert(offsetof(rt_append_output, rule) == 16, "rt_append_output.rule");
static_assert(offsetof(rt_append_output, tags) == 24, "rt_append_output.tags");
static_assert(offsetof(rt_append_output, extra_output) == 32, "rt_append_output.extra_output");
static_assert(offsetof(rt_append_output, fields) == 40, "rt_append_output.fields");
static_assert(offsetof(rt_append_output, n_fields) == 48, "rt_append_output.n_fields");
static_assert(offsetof(rt_append_output, suggested_output) == 56,
              "rt_append_output.suggested_output");
static_assert(offsetof(rt_append_output, reserved) == 60, "rt_append_output.reserved");

static_assert(sizeof(rt_loader_opts) == 80, "rt_loader_opts");
static_assert(offsetof(rt_loader_opts, size) == 0, "rt_loader_opts.size");
static_assert(offsetof(rt_loader_opts, min_priority) == 8, "rt_loader_opts.min_priority");
static_assert(offsetof(rt_loader_opts, flags) == 12, "rt_loader_opts.flags");
static_assert(offsetof(rt_loader_opts, disabled_passes) == 16, "rt_loader_opts.disabled_passes");
static_assert(offsetof(rt_loader_opts, append_output) == 24, "rt_loader_opts.append_output");
static_assert(offsetof(rt_loader_opts, n_append_output) == 32, "rt_loader_opts.n_append_output");
static_assert(offsetof(rt_loader_opts, append_output_stride) == 40,
              "rt_loader_opts.append_output_stride");
static_assert(offsetof(rt_loader_opts, profile) == 48, "rt_loader_opts.profile");
static_assert(offsetof(rt_loader_opts, max_steps) == 64, "rt_loader_opts.max_steps");
static_assert(offsetof(rt_loader_opts, max_steps_bytes) == 72, "rt_loader_opts.max_steps_bytes");

static_assert(sizeof(rt_rule_info) == 48, "rt_rule_info");
static_assert(offsetof(rt_rule_info, size) == 0, "rt_rule_info.size");
static_assert(offsetof(rt_rule_info, name) == 8, "rt_rule_info.name");
static_assert(offsetof(rt_rule_info, desc) == 16, "rt_rule_info.desc");
static_assert(offsetof(rt_rule_info, source) == 24, "rt_rule_info.source");
static_assert(offsetof(rt_rule_info, tags) == 32, "rt_rule_info.tags");
static_assert(offsetof(rt_rule_info, priority) == 40, "rt_rule_info.priority");
static_assert(offsetof(rt_rule_info, verdict) == 44, "rt_rule_info.verdict");

static_assert(sizeof(rt_steps) == 32, "rt_steps");
static_assert(offsetof(rt_steps, size) == 0, "rt_steps.size");
static_assert(offsetof(rt_steps, all) == 8, "rt_steps.all");
static_assert(offsetof(rt_steps, dearest) == 16, "rt_steps.dearest");
static_assert(offsetof(rt_steps, rule) == 24, "rt_steps.rule");

static_assert(sizeof(rt_worker_opts) == 40, "rt_worker_opts");
static_assert(offsetof(rt_worker_opts, size) == 0, "rt_worker_opts.size");
static_assert(offsetof(rt_worker_opts, rule_matching) == 8, "rt_worker_opts.rule_matching");
static_assert(offsetof(rt_worker_opts, alert_flags) == 12, "rt_worker_opts.alert_flags");
static_assert(offsetof(rt_worker_opts, skipped) == 16, "rt_worker_opts.skipped");
static_assert(offsetof(rt_worker_opts, skipped_user) == 24, "rt_worker_opts.skipped_user");
static_assert(offsetof(rt_worker_opts, sample_every) == 32, "rt_worker_opts.sample_every");
static_assert(offsetof(rt_worker_opts, reserved) == 36, "rt_worker_opts.reserved");

static_assert(sizeof(rt_decide_opts) == 56, "rt_decide_opts");
static_assert(offsetof(rt_decide_opts, size) == 0, "rt_decide_opts.size");
static_assert(offsetof(rt_decide_opts, otherwise) == 8, "rt_decide_opts.otherwise");
static_assert(offsetof(rt_decide_opts, on_error) == 12, "rt_decide_opts.on_error");
static_assert(offsetof(rt_decide_opts, deny_priority) == 16, "rt_decide_opts.deny_priority");
static_assert(offsetof(rt_decide_opts, ask_priority) == 20, "rt_decide_opts.ask_priority");
static_assert(offsetof(rt_decide_opts, max_bytes) == 24, "rt_decide_opts.max_bytes");
static_assert(offsetof(rt_decide_opts, max_steps) == 32, "rt_decide_opts.max_steps");
static_assert(offsetof(rt_decide_opts, fn) == 40, "rt_decide_opts.fn");
static_assert(offsetof(rt_decide_opts, user) == 48, "rt_decide_opts.user");

static_assert(sizeof(rt_verdict) == 40, "rt_verdict");
static_assert(offsetof(rt_verdict, size) == 0, "rt_verdict.size");
static_assert(offsetof(rt_verdict, verdict) == 8, "rt_verdict.verdict");
static_assert(offsetof(rt_verdict, cause) == 12, "rt_verdict.cause");
static_assert(offsetof(rt_verdict, rule) == 16, "rt_verdict.rule");
static_assert(offsetof(rt_verdict, reason) == 24, "rt_verdict.reason");

static_assert(sizeof(rt_worker_stats) == 56, "rt_worker_stats");
static_assert(offsetof(rt_worker_stats, size) == 0, "rt_worker_stats.size");
static_assert(offsetof(rt_worker_stats, events) == 8, "rt_worker_stats.events");
static_assert(offsetof(rt_worker_stats, alerts) == 16, "rt_worker_stats.alerts");
static_assert(offsetof(rt_worker_stats, bytes) == 24, "rt_worker_stats.bytes");
static_assert(offsetof(rt_worker_stats, skipped) == 32, "rt_worker_stats.skipped");
static_assert(offsetof(rt_worker_stats, allocations) == 40, "rt_worker_stats.allocations");
static_assert(offsetof(rt_worker_stats, limits_hit) == 48, "rt_worker_stats.limits_hit");

static_assert(sizeof(rt_rule_profile) == 48, "rt_rule_profile");
static_assert(offsetof(rt_rule_profile, size) == 0, "rt_rule_profile.size");
static_assert(offsetof(rt_rule_profile, events) == 8, "rt_rule_profile.events");
static_assert(offsetof(rt_rule_profile, asked) == 16, "rt_rule_profile.asked");
static_assert(offsetof(rt_rule_profile, held) == 24, "rt_rule_profile.held");
static_assert(offsetof(rt_rule_profile, ns) == 32, "rt_rule_profile.ns");
static_assert(offsetof(rt_rule_profile, dearest) == 40, "rt_rule_profile.dearest");

static_assert(sizeof(rt_pred_profile) == 56, "rt_pred_profile");
static_assert(offsetof(rt_pred_profile, size) == 0, "rt_pred_profile.size");
static_assert(offsetof(rt_pred_profile, text) == 8, "rt_pred_profile.text");
static_assert(offsetof(rt_pred_profile, source) == 24, "rt_pred_profile.source");
static_assert(offsetof(rt_pred_profile, asked) == 32, "rt_pred_profile.asked");
static_assert(offsetof(rt_pred_profile, held) == 40, "rt_pred_profile.held");
static_assert(offsetof(rt_pred_profile, ns) == 48, "rt_pred_profile.ns");

static_assert(sizeof(rt_pool_opts) == 96, "rt_pool_opts");
static_assert(offsetof(rt_pool_opts, size) == 0, "rt_pool_opts.size");
static_assert(offsetof(rt_pool_opts, rule_matching) == 8, "rt_pool_opts.rule_matching");
static_assert(offsetof(rt_pool_opts, alert_flags) == 12, "rt_pool_opts.alert_flags");
static_assert(offsetof(rt_pool_opts, skipped) == 16, "rt_pool_opts.skipped");
static_assert(offsetof(rt_pool_opts, skipped_user) == 24, "rt_pool_opts.skipped_user");
static_assert(offsetof(rt_pool_opts, workers) == 32, "rt_pool_opts.workers");
static_assert(offsetof(rt_pool_opts, render) == 36, "rt_pool_opts.render");
static_assert(offsetof(rt_pool_opts, batches) == 40, "rt_pool_opts.batches");
static_assert(offsetof(rt_pool_opts, reserved) == 44, "rt_pool_opts.reserved");
static_assert(offsetof(rt_pool_opts, batch_bytes) == 48, "rt_pool_opts.batch_bytes");
static_assert(offsetof(rt_pool_opts, alert_bytes) == 56, "rt_pool_opts.alert_bytes");
static_assert(offsetof(rt_pool_opts, key) == 64, "rt_pool_opts.key");
static_assert(offsetof(rt_pool_opts, keyed) == 72, "rt_pool_opts.keyed");
static_assert(offsetof(rt_pool_opts, keyed_user) == 80, "rt_pool_opts.keyed_user");
static_assert(offsetof(rt_pool_opts, diags) == 88, "rt_pool_opts.diags");

static_assert(sizeof(rt_falco_opts) == 32, "rt_falco_opts");
static_assert(offsetof(rt_falco_opts, size) == 0, "rt_falco_opts.size");
static_assert(offsetof(rt_falco_opts, allocator) == 8, "rt_falco_opts.allocator");
static_assert(offsetof(rt_falco_opts, log) == 16, "rt_falco_opts.log");
static_assert(offsetof(rt_falco_opts, log_user) == 24, "rt_falco_opts.log_user");

static_assert(sizeof(rt_falco_plugin) == 56, "rt_falco_plugin");
static_assert(offsetof(rt_falco_plugin, size) == 0, "rt_falco_plugin.size");
static_assert(offsetof(rt_falco_plugin, library_path) == 8, "rt_falco_plugin.library_path");
static_assert(offsetof(rt_falco_plugin, init_config) == 16, "rt_falco_plugin.init_config");
static_assert(offsetof(rt_falco_plugin, flags) == 24, "rt_falco_plugin.flags");
static_assert(offsetof(rt_falco_plugin, restarts) == 28, "rt_falco_plugin.restarts");
static_assert(offsetof(rt_falco_plugin, memory_bytes) == 32, "rt_falco_plugin.memory_bytes");
static_assert(offsetof(rt_falco_plugin, helper) == 40, "rt_falco_plugin.helper");
static_assert(offsetof(rt_falco_plugin, deadline_ms) == 48, "rt_falco_plugin.deadline_ms");
static_assert(offsetof(rt_falco_plugin, reserved) == 52, "rt_falco_plugin.reserved");

static_assert(sizeof(rt_falco_info) == 120, "rt_falco_info");
static_assert(offsetof(rt_falco_info, size) == 0, "rt_falco_info.size");
static_assert(offsetof(rt_falco_info, name) == 8, "rt_falco_info.name");
static_assert(offsetof(rt_falco_info, version) == 16, "rt_falco_info.version");
static_assert(offsetof(rt_falco_info, description) == 24, "rt_falco_info.description");
static_assert(offsetof(rt_falco_info, contact) == 32, "rt_falco_info.contact");
static_assert(offsetof(rt_falco_info, library_path) == 40, "rt_falco_info.library_path");
static_assert(offsetof(rt_falco_info, api_version) == 48, "rt_falco_info.api_version");
static_assert(offsetof(rt_falco_info, source) == 56, "rt_falco_info.source");
static_assert(offsetof(rt_falco_info, init_schema) == 64, "rt_falco_info.init_schema");
static_assert(offsetof(rt_falco_info, id) == 72, "rt_falco_info.id");
static_assert(offsetof(rt_falco_info, capabilities) == 76, "rt_falco_info.capabilities");
static_assert(offsetof(rt_falco_info, n_fields) == 80, "rt_falco_info.n_fields");
static_assert(offsetof(rt_falco_info, lies) == 88, "rt_falco_info.lies");
static_assert(offsetof(rt_falco_info, failures) == 96, "rt_falco_info.failures");
static_assert(offsetof(rt_falco_info, ended) == 104, "rt_falco_info.ended");
static_assert(offsetof(rt_falco_info, flags) == 112, "rt_falco_info.flags");
static_assert(offsetof(rt_falco_info, reserved) == 116, "rt_falco_info.reserved");

static_assert(sizeof(rt_falco_metric) == 32, "rt_falco_metric");
static_assert(offsetof(rt_falco_metric, size) == 0, "rt_falco_metric.size");
static_assert(offsetof(rt_falco_metric, name) == 8, "rt_falco_metric.name");
static_assert(offsetof(rt_falco_metric, type) == 16, "rt_falco_metric.type");
static_assert(offsetof(rt_falco_metric, monotonic) == 20, "rt_falco_metric.monotonic");
static_assert(offsetof(rt_falco_metric, value) == 24, "rt_falco_metric.value");

static_assert(sizeof(rt_webhook_opts) == 64, "rt_webhook_opts");
static_assert(offsetof(rt_webhook_opts, size) == 0, "rt_webhook_opts.size");
static_assert(offsetof(rt_webhook_opts, listen) == 8, "rt_webhook_opts.listen");
static_assert(offsetof(rt_webhook_opts, path) == 16, "rt_webhook_opts.path");
static_assert(offsetof(rt_webhook_opts, certificate) == 24, "rt_webhook_opts.certificate");
static_assert(offsetof(rt_webhook_opts, key) == 32, "rt_webhook_opts.key");
static_assert(offsetof(rt_webhook_opts, max_body_bytes) == 40, "rt_webhook_opts.max_body_bytes");
static_assert(offsetof(rt_webhook_opts, max_queue_bytes) == 48, "rt_webhook_opts.max_queue_bytes");
static_assert(offsetof(rt_webhook_opts, max_queued) == 56, "rt_webhook_opts.max_queued");

static_assert(sizeof(rt_webhook_stats) == 48, "rt_webhook_stats");
static_assert(offsetof(rt_webhook_stats, size) == 0, "rt_webhook_stats.size");
static_assert(offsetof(rt_webhook_stats, requests) == 8, "rt_webhook_stats.requests");
static_assert(offsetof(rt_webhook_stats, accepted) == 16, "rt_webhook_stats.accepted");
static_assert(offsetof(rt_webhook_stats, bytes) == 24, "rt_webhook_stats.bytes");
static_assert(offsetof(rt_webhook_stats, full) == 32, "rt_webhook_stats.full");
static_assert(offsetof(rt_webhook_stats, refused) == 40, "rt_webhook_stats.refused");

static_assert(sizeof(rt_lua_opts) == 72, "rt_lua_opts");
static_assert(offsetof(rt_lua_opts, size) == 0, "rt_lua_opts.size");
static_assert(offsetof(rt_lua_opts, allocator) == 8, "rt_lua_opts.allocator");
static_assert(offsetof(rt_lua_opts, max_instructions) == 16, "rt_lua_opts.max_instructions");
static_assert(offsetof(rt_lua_opts, max_bytes) == 24, "rt_lua_opts.max_bytes");
static_assert(offsetof(rt_lua_opts, max_ms) == 32, "rt_lua_opts.max_ms");
static_assert(offsetof(rt_lua_opts, max_failures) == 36, "rt_lua_opts.max_failures");
static_assert(offsetof(rt_lua_opts, report) == 40, "rt_lua_opts.report");
static_assert(offsetof(rt_lua_opts, report_user) == 48, "rt_lua_opts.report_user");
static_assert(offsetof(rt_lua_opts, natives) == 56, "rt_lua_opts.natives");
static_assert(offsetof(rt_lua_opts, log) == 64, "rt_lua_opts.log");

static_assert(sizeof(rt_lua_field) == 32, "rt_lua_field");
static_assert(offsetof(rt_lua_field, size) == 0, "rt_lua_field.size");
static_assert(offsetof(rt_lua_field, name) == 8, "rt_lua_field.name");
static_assert(offsetof(rt_lua_field, failures) == 16, "rt_lua_field.failures");
static_assert(offsetof(rt_lua_field, off) == 24, "rt_lua_field.off");

static_assert(sizeof(rt_lua_hook) == 56, "rt_lua_hook");
static_assert(offsetof(rt_lua_hook, size) == 0, "rt_lua_hook.size");
static_assert(offsetof(rt_lua_hook, script) == 8, "rt_lua_hook.script");
static_assert(offsetof(rt_lua_hook, name) == 16, "rt_lua_hook.name");
static_assert(offsetof(rt_lua_hook, kind) == 24, "rt_lua_hook.kind");
static_assert(offsetof(rt_lua_hook, line) == 28, "rt_lua_hook.line");
static_assert(offsetof(rt_lua_hook, failures) == 32, "rt_lua_hook.failures");
static_assert(offsetof(rt_lua_hook, off) == 40, "rt_lua_hook.off");
static_assert(offsetof(rt_lua_hook, forgotten) == 48, "rt_lua_hook.forgotten");

static_assert(sizeof(rt_lua_outputs_opts) == 32, "rt_lua_outputs_opts");
static_assert(offsetof(rt_lua_outputs_opts, size) == 0, "rt_lua_outputs_opts.size");
static_assert(offsetof(rt_lua_outputs_opts, allocator) == 8, "rt_lua_outputs_opts.allocator");
static_assert(offsetof(rt_lua_outputs_opts, write) == 16, "rt_lua_outputs_opts.write");
static_assert(offsetof(rt_lua_outputs_opts, write_user) == 24, "rt_lua_outputs_opts.write_user");

static_assert(sizeof(rt_natives_opts) == 40, "rt_natives_opts");
static_assert(offsetof(rt_natives_opts, size) == 0, "rt_natives_opts.size");
static_assert(offsetof(rt_natives_opts, allocator) == 8, "rt_natives_opts.allocator");
static_assert(offsetof(rt_natives_opts, paths) == 16, "rt_natives_opts.paths");
static_assert(offsetof(rt_natives_opts, n_paths) == 24, "rt_natives_opts.n_paths");
static_assert(offsetof(rt_natives_opts, flags) == 32, "rt_natives_opts.flags");
static_assert(offsetof(rt_natives_opts, reserved) == 36, "rt_natives_opts.reserved");

static_assert(sizeof(rt_native_type) == 32, "rt_native_type");
static_assert(offsetof(rt_native_type, text) == 0, "rt_native_type.text");
static_assert(offsetof(rt_native_type, is) == 8, "rt_native_type.is");
static_assert(offsetof(rt_native_type, flags) == 12, "rt_native_type.flags");
static_assert(offsetof(rt_native_type, lowest) == 16, "rt_native_type.lowest");
static_assert(offsetof(rt_native_type, highest) == 24, "rt_native_type.highest");

static_assert(sizeof(rt_native_wanted) == 80, "rt_native_wanted");
static_assert(offsetof(rt_native_wanted, size) == 0, "rt_native_wanted.size");
static_assert(offsetof(rt_native_wanted, library) == 8, "rt_native_wanted.library");
static_assert(offsetof(rt_native_wanted, symbol) == 16, "rt_native_wanted.symbol");
static_assert(offsetof(rt_native_wanted, signature) == 24, "rt_native_wanted.signature");
static_assert(offsetof(rt_native_wanted, allocator) == 40, "rt_native_wanted.allocator");
static_assert(offsetof(rt_native_wanted, run) == 48, "rt_native_wanted.run");
static_assert(offsetof(rt_native_wanted, user) == 56, "rt_native_wanted.user");
static_assert(offsetof(rt_native_wanted, message) == 64, "rt_native_wanted.message");
static_assert(offsetof(rt_native_wanted, message_size) == 72, "rt_native_wanted.message_size");

static_assert(sizeof(rt_natives_calls) == 96, "rt_natives_calls");
static_assert(offsetof(rt_natives_calls, size) == 0, "rt_natives_calls.size");
static_assert(offsetof(rt_natives_calls, abi) == 8, "rt_natives_calls.abi");
static_assert(offsetof(rt_natives_calls, reserved) == 12, "rt_natives_calls.reserved");
static_assert(offsetof(rt_natives_calls, natives) == 16, "rt_natives_calls.natives");
static_assert(offsetof(rt_natives_calls, open) == 24, "rt_natives_calls.open");
static_assert(offsetof(rt_natives_calls, close) == 32, "rt_natives_calls.close");
static_assert(offsetof(rt_natives_calls, type) == 40, "rt_natives_calls.type");
static_assert(offsetof(rt_natives_calls, call) == 48, "rt_natives_calls.call");
static_assert(offsetof(rt_natives_calls, gate_new) == 56, "rt_natives_calls.gate_new");
static_assert(offsetof(rt_natives_calls, gate_free) == 64, "rt_natives_calls.gate_free");
static_assert(offsetof(rt_natives_calls, callback_new) == 72, "rt_natives_calls.callback_new");
static_assert(offsetof(rt_natives_calls, callback_free) == 80, "rt_natives_calls.callback_free");
static_assert(offsetof(rt_natives_calls, callback_type) == 88, "rt_natives_calls.callback_type");

static_assert(sizeof(rt_native_row) == 16, "rt_native_row");
static_assert(offsetof(rt_native_row, symbol) == 0, "rt_native_row.symbol");
static_assert(offsetof(rt_native_row, signature) == 8, "rt_native_row.signature");

static_assert(sizeof(rt_natives_table) == 16, "rt_natives_table");
static_assert(offsetof(rt_natives_table, abi) == 0, "rt_natives_table.abi");
static_assert(offsetof(rt_natives_table, n_rows) == 4, "rt_natives_table.n_rows");
static_assert(offsetof(rt_natives_table, rows) == 8, "rt_natives_table.rows");
#endif

int
main(void)
{
        return 0;
}
