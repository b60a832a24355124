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
  ContextTree(Mapping* mapping, std::pmr::memory_resource* memory);

  // This process runs the program of this number (ProgramRecord; `record`: null for the main one), whose image
  // lies there: sites and roots are its own from now on.
  void UseProgram(ProgramRecord* record, uintptr_t image_base);
  csim_context* root() { return nodes_ + program_.root; }
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
    const uintptr_t distance = reinterpret_cast<uintptr_t>(site) - program_.image_base;
    return distance >> 5 >= program_.sites
               ? kNoSite
               : SiteId{program_.first_site + static_cast<uint32_t>(distance >> 5)};
  }
  uint32_t size() const { return mapping_->control.stack_node_count; }

 private:
  static constexpr uint32_t kBuckets = 1 << 16;

  // Of each process: the tree itself is common to all.
  struct Program {
    uintptr_t image_base = 0;
    uint32_t first_site = 0;
    uint32_t sites = 0;  // at most
    uint32_t root = 0;   // node
  };
  static Program program_;

  csim_context* EnterSlow(csim_context* parent, const csim_site* call_site,
                          const csim_site* function);
  csim_context* FindOrAdd(csim_context* parent, const csim_site* call_site,
                          const csim_site* function, uint32_t call_number,
                          uint32_t function_number);

  Mapping* mapping_;
  csim_context* nodes_;
  csim_context** buckets_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_CONTEXT_TREE_H_
