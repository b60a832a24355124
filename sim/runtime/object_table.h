// Which simulated object stands for which object of the program's memory, in one execution.
//
// Keyed by address. Objects that have room keep their number in their own bytes as well (`stamp`),
// so that memory that was initialised anew (a local mutex of the next call, a reused heap block) is
// seen to be a new object.
#ifndef CSIM_SIM_RUNTIME_OBJECT_TABLE_H_
#define CSIM_SIM_RUNTIME_OBJECT_TABLE_H_

#include <cstdint>
#include <memory_resource>

#include "model/ids.h"
#include "model/machine.h"

namespace csim {

struct TrackedObject {
  uintptr_t address;
  SiteId first_site;
};

class ObjectTable {
 public:
  ObjectTable(Machine* machine, std::pmr::memory_resource* memory);
  void Reset();

  // The object at `address`; made if there is none (or one of another kind). `is_new` tells.
  ObjectId Find(uintptr_t address, ObjectKind kind, SiteId site, bool* is_new);
  // kNoObject if there is none.
  ObjectId Lookup(uintptr_t address, ObjectKind kind) const;
  // The object's memory is something else from now on; a later Find makes a new one.
  void Forget(uintptr_t address, ObjectKind kind);
  // Forgets every object in the range. Returns one that is held or waited on; kNoObject if none is.
  ObjectId ForgetRange(uintptr_t begin, uintptr_t end);

  // As Find, for objects with a 32-bit stamp in their own memory that is 0 when they are initialised
  // and keeps our number afterwards.
  ObjectId FindStamped(void* object, uint32_t* stamp, ObjectKind kind, SiteId site, bool* is_new);

  // Where the object lies; address 0 for those without one.
  // The object of a granule is shown as what lies at `address` in it.
  void SetShownAddress(ObjectId id, uintptr_t address) { tracked_[Index(id)].address = address; }
  TrackedObject tracked(ObjectId id) const {
    return Index(id) < tracked_.size() ? tracked_[Index(id)] : TrackedObject{0, kNoSite};
  }
  // An object without an address (a thread, a stream).
  ObjectId Add(ObjectKind kind, SiteId site);

  static constexpr uint32_t kDestroyedStamp = 0xdeadcafe;

 private:
  struct Entry {
    uintptr_t key = 0;  // address and kind
    uint64_t epoch = 0;
    ObjectId id = kNoObject;
  };
  static uintptr_t KeyOf(uintptr_t address, ObjectKind kind) {
    return address | (static_cast<uintptr_t>(kind) << 48);
  }
  Entry* Probe(uintptr_t key);
  void Grow();

  Machine* machine_;
  std::pmr::vector<Entry> entries_;
  std::pmr::vector<TrackedObject> tracked_;
  uint64_t epoch_ = 1;
  size_t used_ = 0;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_OBJECT_TABLE_H_
