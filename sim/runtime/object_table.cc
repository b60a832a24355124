#include "sim/runtime/object_table.h"

#include "sim/runtime/locations.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/shared_memory.h"

namespace csim {
namespace {

uint64_t Mix(uint64_t seed, uint64_t value) {
  const uint64_t x = (seed ^ value) * 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

uint64_t Odd(uint64_t name) {
  return (name & ~(uint64_t{1} << 63)) | 1;  // the highest bit is for threads
}

// A name that does not depend on what other tasks did before: a heap block's address does, its task,
// site and serial number do not.
uint64_t NameOf(uintptr_t address, ObjectKind kind) {
  if (const SharedMemory::Mapped* shared = g_runtime.shared_memory.Find(address)) {
    const uint64_t name = Mix(static_cast<uint64_t>(kind) + 1, shared->name);
    return Odd(Mix(name, address - shared->begin + shared->offset));
  }
  uint64_t name = Mix(static_cast<uint64_t>(kind) + 1, address);
  if (g_runtime.heap.Contains(reinterpret_cast<const void*>(address))) {
    if (Block* block = g_runtime.heap.FindNear(address)) {
      name = Mix(static_cast<uint64_t>(kind) + 1, block->alloc_site);
      name = Mix(name, AllocatorOf(*block));
      name = Mix(name, uint64_t{block->alloc_stack} << 32 | block->serial);
      name = Mix(name, address - reinterpret_cast<uintptr_t>(block->data()));
    }
  }
  if (g_runtime.space != 0 && kind != ObjectKind::kStream) {
    const Machine& machine = g_runtime.machine();
    const ProcessState& process = machine.process(g_runtime.process);
    name = Mix(name, machine.task(process.main).name);
    if (process.executed != 0) name = Mix(name, process.executed);
  }
  return Odd(name);
}

constexpr uint64_t kSharedSpots = 1023;
constexpr uint64_t kNamedSpots = 1022;  // of what has no address, but a name

}  // namespace

Spot SpotOf(uintptr_t address) {
  if (const SharedMemory::Mapped* shared = g_runtime.shared_memory.Find(address)) {
    const uint64_t chunk = uint64_t{shared->first_chunk} * ShadowMemory::kChunkBytes;
    const uintptr_t first = shared->begin & ~(ShadowMemory::kChunkBytes - 1);
    return Spot{kSharedSpots << 47 | (chunk + (address - first))};
  }
  return Spot{uint64_t{g_runtime.space} << 47 | address};
}

uint32_t SpaceOf(Spot spot) {
  const auto number = static_cast<uint32_t>(static_cast<uint64_t>(spot) >> 47 & 1023);
  return number >= kNamedSpots ? kNoSpace : number;
}

uint32_t SpaceOfExecuted(uint32_t number) {
  const uint32_t most = static_cast<uint32_t>(kNamedSpots) - kMaxProcesses;
  return number < most ? static_cast<uint32_t>(kNamedSpots) - 1 - number : kNoSpace;
}

uintptr_t AddressOf(Spot spot) {
  if (SpaceOf(spot) != kNoSpace) return AddressIn(spot);
  uintptr_t address = 0;
  g_runtime.shared_memory.ForEach([&](uintptr_t begin, uintptr_t end) {
    const uint64_t distance = static_cast<uint64_t>(spot) - static_cast<uint64_t>(SpotOf(begin));
    if (distance < end - begin) address = begin + distance;
  });
  return address;
}

ObjectTable::ObjectTable(Machine* machine, std::pmr::memory_resource* memory)
    : machine_(machine), entries_(1024, memory), tracked_(memory) {}

void ObjectTable::Reset() {
  ++epoch_;  // entries of earlier epochs are free
  used_ = 0;
  tracked_.clear();
}

ObjectTable::Entry* ObjectTable::Probe(uint64_t key) {
  const size_t mask = entries_.size() - 1;
  size_t slot = (key * 0x9e3779b97f4a7c15u) >> 20 & mask;
  while (entries_[slot].epoch == epoch_ && entries_[slot].key != key) slot = (slot + 1) & mask;
  return &entries_[slot];
}

void ObjectTable::Grow() {
  std::pmr::vector<Entry> old(entries_.size() * 2, entries_.get_allocator());
  old.swap(entries_);
  for (const Entry& e : old) {
    if (e.epoch == epoch_) *Probe(e.key) = e;
  }
}

ObjectId ObjectTable::Add(ObjectKind kind, SiteId site) {
  const ObjectId id = machine_->AddObject(kind);
  tracked_.resize(Index(id) + 1, TrackedObject{});
  tracked_[Index(id)] = {kNoSpot, site, 0, {}};
  return id;
}

ObjectId ObjectTable::AddAt(Spot spot, ObjectKind kind, SiteId site) {
  if (++used_ * 2 > entries_.size()) Grow();
  const ObjectId id = Add(kind, site);
  tracked_[Index(id)].spot = spot;
  *Probe(KeyOf(spot, kind)) = {KeyOf(spot, kind), epoch_, id};
  return id;
}

ObjectId ObjectTable::Find(uintptr_t address, ObjectKind kind, SiteId site, bool* is_new) {
  // The output is that of all processes.
  const Spot spot = kind == ObjectKind::kStream ? Spot{address} : SpotOf(address);
  Entry* entry = Probe(KeyOf(spot, kind));
  *is_new = entry->epoch != epoch_ || entry->id == kNoObject;
  if (!*is_new) return entry->id;
  const ObjectId id = AddAt(spot, kind, site);
  if (SpaceOf(spot) != 0) tracked_[Index(id)].location = csim::LocationOf(address);
  machine_->object(id).name = NameOf(address, kind);
  return id;
}

ObjectId ObjectTable::FindNamed(uint64_t name, ObjectKind kind, SiteId site) {
  const Spot spot{kNamedSpots << 47 | (name & ((uint64_t{1} << 47) - 1))};
  Entry* entry = Probe(KeyOf(spot, kind));
  if (entry->epoch == epoch_ && entry->id != kNoObject) return entry->id;
  const ObjectId id = AddAt(spot, kind, site);
  machine_->object(id).name = Odd(Mix(name, static_cast<uint64_t>(kind)));
  return id;
}

ObjectId ObjectTable::Lookup(uintptr_t address, ObjectKind kind) const {
  const Entry* entry = const_cast<ObjectTable*>(this)->Probe(KeyOf(SpotOf(address), kind));
  return entry->epoch == epoch_ ? entry->id : kNoObject;
}

void ObjectTable::Forget(uintptr_t address, ObjectKind kind) {
  Entry* entry = Probe(KeyOf(SpotOf(address), kind));
  if (entry->epoch == epoch_) entry->id = kNoObject;
}

ObjectId ObjectTable::ForgetRange(uintptr_t begin, uintptr_t end) {
  ObjectId busy = kNoObject;
  if (begin == end) return busy;
  const auto first = static_cast<uint64_t>(SpotOf(begin));
  for (size_t i = 0; i < tracked_.size(); ++i) {
    const auto spot = static_cast<uint64_t>(tracked_[i].spot);
    if (spot < first || spot - first >= end - begin) continue;
    const ObjectId id{static_cast<uint32_t>(i)};
    const ObjectState& state = machine_->object(id);
    const bool memory = state.kind == ObjectKind::kMemory;
    Entry* entry = Probe(KeyOf(Spot{memory ? spot & ~uint64_t{7} : spot}, state.kind));
    if (entry->epoch != epoch_ || entry->id != id) continue;
    entry->id = kNoObject;
    tracked_[i].spot = kNoSpot;
    if (state.kind == ObjectKind::kMemory) continue;
    if (state.owner != kNoTask || state.waiters != 0) busy = id;
  }
  return busy;
}

ObjectId ObjectTable::FindStamped(void* object, uint32_t* stamp, ObjectKind kind, SiteId site,
                                  bool* is_new) {
  const auto address = reinterpret_cast<uintptr_t>(object);
  const uint32_t value = *stamp;
  const Spot spot = SpotOf(address);
  bool inherited = false;
  if (value - 1 < tracked_.size() && machine_->object(ObjectId{value - 1}).kind == kind) {
    const Spot stamped = tracked_[value - 1].spot;
    if (stamped == spot) {
      *is_new = false;
      return ObjectId{value - 1};
    }
    // That of the process from which this one was forked: Fork has made one for us.
    inherited = SpaceOf(stamped) != kNoSpace && SpaceOf(spot) != kNoSpace &&
                SpaceOf(stamped) != SpaceOf(spot) && AddressIn(stamped) == address;
  }
  if (value != kDestroyedStamp && !inherited) Forget(address, kind);
  const ObjectId id = Find(address, kind, site, is_new);
  if (value != kDestroyedStamp) *stamp = Index(id) + 1;
  const auto end = reinterpret_cast<uintptr_t>(stamp + 1) - address;
  tracked_[Index(id)].stamp_end = static_cast<uint8_t>(end);
  return id;
}

void ObjectTable::SetShownAddress(ObjectId id, uintptr_t address) {
  TrackedObject& tracked = tracked_[Index(id)];
  tracked.spot = SpotOf(address);
  if (SpaceOf(tracked.spot) != 0) tracked.location = csim::LocationOf(address);
}

LocationKey ObjectTable::LocationOf(ObjectId id) const {
  const TrackedObject object = tracked(id);
  if (object.spot == kNoSpot || SpaceOf(object.spot) != 0) return object.location;
  return csim::LocationOf(AddressIn(object.spot));
}

void ObjectTable::Fork(TaskId parent, TaskId child) {
  const uint32_t from = g_runtime.space;
  const ProcessId to = machine_->task(child).process;
  const uint64_t name = machine_->task(child).name;
  const size_t count = tracked_.size();
  for (size_t i = 0; i < count; ++i) {
    const TrackedObject old = tracked_[i];
    const ObjectId old_id{static_cast<uint32_t>(i)};
    const ObjectKind kind = machine_->object(old_id).kind;
    if (old.spot == kNoSpot || SpaceOf(old.spot) != from || kind == ObjectKind::kMemory) continue;
    if (kind == ObjectKind::kStream) continue;  // the output is everybody's
    const Entry* entry = Probe(KeyOf(old.spot, kind));
    if (entry->epoch != epoch_ || entry->id != old_id) continue;  // forgotten
    const Spot spot{uint64_t{Index(to)} << 47 | AddressIn(old.spot)};
    const LocationKey location = LocationOf(old_id);
    const ObjectId id = AddAt(spot, kind, old.first_site);
    tracked_[Index(id)].location = location;
    ObjectState& state = machine_->object(id);
    state = machine_->object(old_id);
    state.name = Odd(Mix(state.name, name));
    state.first_waiter = state.last_waiter = kNoTask;
    state.waiters = 0;
    if (state.owner == parent) state.owner = child;
    for (const HeldLock& held : machine_->task(parent).held) {
      if (held.object != old_id) continue;
      HeldLock copy = held;
      copy.object = id;
      machine_->task(child).held.push_back(copy);
    }
  }
}

}  // namespace csim
