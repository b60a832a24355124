#include "sim/runtime/context_tree.h"

#include "sim/runtime/entry.h"

namespace csim {

constinit ContextTree::Program ContextTree::program_;

ContextTree::ContextTree(Mapping* mapping, std::pmr::memory_resource* memory) : mapping_(mapping) {
  // Fresh pages of the mapping: zero, and touched only when used.
  nodes_ = static_cast<csim_context*>(
      memory->allocate(sizeof(csim_context) * kMaxStackNodes, alignof(csim_context)));
  buckets_ = static_cast<csim_context**>(memory->allocate(sizeof(csim_context*) * kBuckets, 8));
  mapping_->control.stack_node_count = 1;
}

void ContextTree::UseProgram(ProgramRecord* record, uintptr_t image_base) {
  program_ = {image_base, 0, kSiteOfOther, 0};
  if (record == nullptr) return;
  program_.first_site = kSiteOfOther + (record->number << kProgramShift);
  program_.sites = 1u << kProgramShift;
  if (record->root == 0) {
    // A node that no call leads to: addresses in one program mean nothing in another.
    const auto* key = reinterpret_cast<const csim_site*>(uintptr_t{kProgramRoot});
    const auto* number = reinterpret_cast<const csim_site*>(uintptr_t{record->number});
    record->root = Index(IdOf(FindOrAdd(nodes_, key, number, 0, kProgramRoot)));
  }
  program_.root = record->root;
}

csim_context* ContextTree::EnterSlow(csim_context* parent, const csim_site* call_site,
                                     const csim_site* function) {
  csim_context* node = nullptr;
  OnRuntimeStack([&] {
    node =
        FindOrAdd(parent, call_site, function, Index(SiteOf(call_site)), Index(SiteOf(function)));
  });
  parent->last_child = node;
  return node;
}

csim_context* ContextTree::WithLock(csim_context* node, ObjectId object, bool shared,
                                    SiteId taken_at) {
  const uint32_t tag = kHeldLock | (shared ? kHeldShared : 0) | (Index(object) & (kHeldShared - 1));
  // Never followed: only keys that no call has.
  const auto* key = reinterpret_cast<const csim_site*>(uintptr_t{tag});
  const auto* site = reinterpret_cast<const csim_site*>(uintptr_t{Index(taken_at)});
  return FindOrAdd(node, key, site, tag, Index(taken_at));
}

csim_context* ContextTree::FindOrAdd(csim_context* parent, const csim_site* call_site,
                                     const csim_site* function, uint32_t call_number,
                                     uint32_t function_number) {
  uint64_t hash = reinterpret_cast<uintptr_t>(parent) * 0x9e3779b97f4a7c15;
  hash = (hash ^ reinterpret_cast<uintptr_t>(call_site)) * 0x9e3779b97f4a7c15;
  hash = (hash ^ reinterpret_cast<uintptr_t>(function)) * 0x9e3779b97f4a7c15;
  csim_context** bucket = &buckets_[hash >> 48];
  for (csim_context* node = *bucket; node != nullptr; node = node->hash_next) {
    if (node->parent == parent && node->call_site == call_site && node->function == function) {
      return node;
    }
  }
  const uint32_t index = mapping_->control.stack_node_count;
  if (index >= kMaxStackNodes) return parent;
  mapping_->control.stack_node_count = index + 1;
  csim_context* node = &nodes_[index];
  *node = {parent, call_site, function, nullptr, *bucket};
  *bucket = node;
  mapping_->stack_nodes[index] = {Index(IdOf(parent)), call_number, function_number};
  return node;
}

}  // namespace csim
