// The calling-context tree: every call stack that was ever seen is one node, named by a StackId.
//
// Instrumented functions move csim_state_v1.context down and up the tree; so the stack of any access
// or operation is known at once and costs four bytes to keep. Nodes live in the shared mapping, for
// csim to read, and are never given back.
#ifndef CSIM_SIM_RUNTIME_CONTEXT_TREE_H_
#define CSIM_SIM_RUNTIME_CONTEXT_TREE_H_

#include <cstdint>
#include <memory_resource>

#include "model/ids.h"
#include "sim/abi/csim_abi.h"
#include "sim/mapping/mapping.h"

struct csim_context {
  csim_context* parent;
  const csim_site* call_site;
  const csim_site* function;
  csim_context* last_child;  // the child entered last: mostly the next one too
  csim_context* hash_next;
};

namespace csim {

class ContextTree {
 public:
  // `image_base`: of the program; sites are numbered by their distance from it.
  ContextTree(Mapping* mapping, std::pmr::memory_resource* memory, uintptr_t image_base);

  csim_context* root() { return nodes_; }
  // The node for `function` called from `call_site` in `parent`. When the tree is full, `parent`.
  csim_context* Enter(csim_context* parent, const csim_site* call_site, const csim_site* function) {
    csim_context* child = parent->last_child;
    if (child != nullptr && child->call_site == call_site && child->function == function) {
      return child;
    }
    return EnterSlow(parent, call_site, function);
  }
  // `node` with a held lock on top of it.
  csim_context* WithLock(csim_context* node, ObjectId object, bool shared, SiteId taken_at);
  StackId IdOf(const csim_context* node) const {
    return StackId{static_cast<uint32_t>(node - nodes_)};
  }
  // 0 for null and for sites outside the program's own image.
  SiteId SiteOf(const csim_site* site) const {
    const uintptr_t distance = reinterpret_cast<uintptr_t>(site) - image_base_;
    return distance >> 5 >= (uint64_t{1} << 31) ? kNoSite
                                                : SiteId{static_cast<uint32_t>(distance >> 5)};
  }
  uint32_t size() const { return mapping_->control.stack_node_count; }

 private:
  static constexpr uint32_t kBuckets = 1 << 16;
  csim_context* EnterSlow(csim_context* parent, const csim_site* call_site,
                          const csim_site* function);
  csim_context* FindOrAdd(csim_context* parent, const csim_site* call_site,
                          const csim_site* function, uint32_t call_number,
                          uint32_t function_number);

  Mapping* mapping_;
  uintptr_t image_base_;
  csim_context* nodes_;
  csim_context** buckets_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_CONTEXT_TREE_H_
