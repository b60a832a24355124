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
#include "sim/mapping/mapping.h"

namespace csim {

// A place in the memory of all processes: an address, and the space that it is in (bits 47 to 56): that of
// one program of a process (0: of the worker's), or of memory that processes share, whatever their
// addresses for it.
enum class Spot : uint64_t {};
inline constexpr Spot kNoSpot{0};
// That of an address in the memory of this process.
Spot SpotOf(uintptr_t address);
// A granule's name for the race detector, which sees the memory of all processes.
inline uint64_t GranuleOf(uintptr_t granule) { return static_cast<uint64_t>(SpotOf(granule)); }
// The space; kNoSpace for shared memory, and for what has no address.
inline constexpr uint32_t kNoSpace = ~0u;
uint32_t SpaceOf(Spot spot);
// The one of the `number`th program that any process of an execution executes; kNoSpace if there are none
// left. (A forked process has the number of its process.)
uint32_t SpaceOfExecuted(uint32_t number);
constexpr uintptr_t AddressIn(Spot spot) {
  return static_cast<uintptr_t>(spot) & ((uintptr_t{1} << 47) - 1);
}
// Its address in this process; 0 if it has none. REQUIRES: it lies in its memory or in shared memory.
uintptr_t AddressOf(Spot spot);

struct TrackedObject {
  Spot spot;
  SiteId first_site;
  uint8_t stamp_end = 0;  // offset of the first byte behind its stamp; 0: it has none
  // Of objects that not every process finds at the same address; else it is to be asked for.
  LocationKey location;
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

  // The object of a granule is shown as what lies at `address` in it.
  void SetShownAddress(ObjectId id, uintptr_t address);
  // Where the object lies; kNoSpot for those without a place.
  TrackedObject tracked(ObjectId id) const {
    return Index(id) < tracked_.size() ? tracked_[Index(id)] : TrackedObject{};
  }
  // What it is, for reports.
  LocationKey LocationOf(ObjectId id) const;
  // `child` gets copies of the objects in the memory of `parent`'s process, as they are now. What the
  // parent holds the child holds too; what others hold there nobody will give up.
  void Fork(TaskId parent, TaskId child);
  // The object of a name that is the same in every process and execution; made if there is none.
  ObjectId FindNamed(uint64_t name, ObjectKind kind, SiteId site);
  // An object without an address (a thread, a stream).
  ObjectId Add(ObjectKind kind, SiteId site);

  // Calls visit(stamp, object) for each object of this process's memory that has one: where its stamp is.
  template <typename Visit>
  void ForEachStamp(Visit visit) {
    for (size_t i = 0; i < tracked_.size(); ++i) {
      const TrackedObject& object = tracked_[i];
      if (object.stamp_end == 0 || object.spot == kNoSpot || SpaceOf(object.spot) != 0) continue;
      const ObjectId id{static_cast<uint32_t>(i)};
      const Entry* entry = Probe(KeyOf(object.spot, machine_->object(id).kind));
      if (entry->epoch != epoch_ || entry->id != id) continue;
      auto* stamp =
          reinterpret_cast<uint32_t*>(AddressIn(object.spot) + object.stamp_end - sizeof(uint32_t));
      visit(stamp, id);
    }
  }

  static constexpr uint32_t kDestroyedStamp = 0xdeadcafe;

 private:
  struct Entry {
    uint64_t key = 0;  // spot and kind
    uint64_t epoch = 0;
    ObjectId id = kNoObject;
  };
  static uint64_t KeyOf(Spot spot, ObjectKind kind) {
    return static_cast<uint64_t>(spot) | (static_cast<uint64_t>(kind) << 58);
  }
  Entry* Probe(uint64_t key);
  ObjectId AddAt(Spot spot, ObjectKind kind, SiteId site);
  void Grow();

  Machine* machine_;
  std::pmr::vector<Entry> entries_;
  std::pmr::vector<TrackedObject> tracked_;
  uint64_t epoch_ = 1;
  size_t used_ = 0;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_OBJECT_TABLE_H_
