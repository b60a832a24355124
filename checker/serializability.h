// Whether the atomic blocks of the running execution are serialisable: whether some order in which no two
// transactions overlap has the same conflicts in the same order.
//
// As Flanagan, Freund, Yi, "Velodrome" (PLDI 2008): a block is a transaction, and each access outside of blocks
// is one of its own. Of two accesses of different tasks to the same bytes, at least one of which writes, the
// earlier one's transaction comes before the later one's; so do the transactions of one task, and what came
// before the start or the end of a task. A cycle means that no serial order is possible. It closes with an
// access of a block that is still going on.
//
// Unlike there, locks are no objects here: that somebody else has had a lock in the middle of a block matters
// only if what he did there conflicts with the block. So only data decides.
//
// Nothing is kept before the first Enter. Memory: a node for each transaction, an edge for each conflict with
// what was last done to the bytes; beyond kMost of either the rest of the execution is not looked at.
#ifndef CSIM_CHECKER_SERIALIZABILITY_H_
#define CSIM_CHECKER_SERIALIZABILITY_H_

#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "model/ids.h"

namespace csim {

class Serializability {
 public:
  struct Access {
    uint64_t object = 0;  // 8 bytes of memory, or anything else with a state
    uint8_t mask = 0xff;  // which of its bytes
    bool writes = false;
    TaskId task = kNoTask;
    SiteId site = kNoSite;
    StackId stack = kNoStack;
  };
  // `first` came before `second`, and they conflict.
  struct Conflict {
    Access first;
    Access second;
  };
  struct Block {
    SiteId site = kNoSite;  // where it was entered
    StackId stack = kNoStack;
  };

  explicit Serializability(std::pmr::memory_resource* memory);
  void BeginExecution();
  // True from the first Enter on.
  bool on() const { return on_; }

  // The task enters a block; blocks within blocks are part of them.
  void Enter(TaskId task, const Block& block);
  void Leave(TaskId task);

  enum class Result : uint8_t {
    kNothing,
    kOrdered,  // something of another task comes before it
    kCycle,    // ... and after it: cycle() and block() say how
  };
  // REQUIRES (of all that follow): on().
  Result OnAccess(const Access& access);
  // All that `first` has done comes before what `then` does next: a start or an end was seen. (The end of a
  // task that a block waits for orders nothing: what it did counts by its accesses.)
  void OnOrder(TaskId first, TaskId then);
  // What lies there is something new from now on.
  void Forget(uint64_t object) { objects_.erase(object); }

  // The conflicts of the cycle that the last access closed, beginning with one whose first access is in its
  // block; and that block.
  const std::pmr::vector<Conflict>& cycle() const { return cycle_; }
  const Block& block() const { return block_; }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr uint32_t kMost = 1 << 18;

  struct Edge {
    uint32_t to;
    uint32_t next;      // of the same node
    uint32_t conflict;  // index; kNone: the order of one task
  };
  struct Node {
    uint32_t edges = kNone;
    uint32_t visited = 0;   // by which search
    uint32_t from = kNone;  // edge by which, and the node that it leaves
    uint32_t from_node = kNone;
  };
  struct Task {
    uint32_t node = kNone;  // its last transaction
    uint32_t depth = 0;     // of blocks
    Block block;
  };
  struct Known {  // an access that later ones may conflict with
    Access access;
    uint32_t node;
  };

  Task& TaskAt(TaskId task);
  uint32_t NewNode(Task& task);
  void AddEdge(uint32_t from, uint32_t to, uint32_t conflict);
  bool Reaches(uint32_t from, uint32_t to);
  void ShowCycle(uint32_t from, uint32_t to, const Conflict& closing);

  bool on_ = false;
  std::pmr::vector<Task> tasks_;
  std::pmr::vector<Node> nodes_;
  std::pmr::vector<Edge> edges_;
  std::pmr::vector<Conflict> conflicts_;
  std::pmr::unordered_map<uint64_t, std::pmr::vector<Known>> objects_;
  std::pmr::vector<uint32_t> stack_;
  uint32_t searches_ = 0;
  std::pmr::vector<Conflict> cycle_;
  Block block_;
};

}  // namespace csim

#endif  // CSIM_CHECKER_SERIALIZABILITY_H_
