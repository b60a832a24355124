#include "sim/runtime/object_table.h"

#include "sim/runtime/locations.h"
#include "sim/runtime/runtime.h"

namespace csim {
namespace {

uint64_t Mix(uint64_t seed, uint64_t value) {
  const uint64_t x = (seed ^ value) * 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

// A name that does not depend on what other tasks did before: a heap block's address does, its task,
// site and serial number do not.
uint64_t NameOf(uintptr_t address, ObjectKind kind) {
  uint64_t name = Mix(static_cast<uint64_t>(kind) + 1, address);
  if (g_runtime.heap.Contains(reinterpret_cast<const void*>(address))) {
    if (Block* block = g_runtime.heap.FindNear(address)) {
      name = Mix(static_cast<uint64_t>(kind) + 1, block->alloc_site);
      name = Mix(name, AllocatorOf(*block));
      name = Mix(name, uint64_t{block->alloc_stack} << 32 | block->serial);
      name = Mix(name, address - reinterpret_cast<uintptr_t>(block->data()));
    }
  }
  return (name & ~(uint64_t{1} << 63)) | 1;  // the highest bit is for threads
}

}  // namespace

ObjectTable::ObjectTable(Machine* machine, std::pmr::memory_resource* memory)
    : machine_(machine), entries_(1024, memory), tracked_(memory) {}

void ObjectTable::Reset() {
  ++epoch_;  // entries of earlier epochs are free
  used_ = 0;
  tracked_.clear();
}

ObjectTable::Entry* ObjectTable::Probe(uintptr_t key) {
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
  tracked_.resize(Index(id) + 1, TrackedObject{0, kNoSite});
  tracked_[Index(id)] = {0, site};
  return id;
}

ObjectId ObjectTable::Find(uintptr_t address, ObjectKind kind, SiteId site, bool* is_new) {
  Entry* entry = Probe(KeyOf(address, kind));
  *is_new = entry->epoch != epoch_ || entry->id == kNoObject;
  if (!*is_new) return entry->id;
  if (entry->epoch != epoch_ && ++used_ * 2 > entries_.size()) {
    Grow();
    entry = Probe(KeyOf(address, kind));
  }
  const ObjectId id = Add(kind, site);
  tracked_[Index(id)].address = address;
  machine_->object(id).name = NameOf(address, kind);
  *entry = {KeyOf(address, kind), epoch_, id};
  return id;
}

ObjectId ObjectTable::Lookup(uintptr_t address, ObjectKind kind) const {
  const Entry* entry = const_cast<ObjectTable*>(this)->Probe(KeyOf(address, kind));
  return entry->epoch == epoch_ ? entry->id : kNoObject;
}

void ObjectTable::Forget(uintptr_t address, ObjectKind kind) {
  Entry* entry = Probe(KeyOf(address, kind));
  if (entry->epoch == epoch_) entry->id = kNoObject;
}

ObjectId ObjectTable::ForgetRange(uintptr_t begin, uintptr_t end) {
  ObjectId busy = kNoObject;
  for (size_t i = 0; i < tracked_.size(); ++i) {
    const uintptr_t address = tracked_[i].address;
    if (address < begin || address >= end) continue;
    const ObjectId id{static_cast<uint32_t>(i)};
    const ObjectState& state = machine_->object(id);
    const bool memory = state.kind == ObjectKind::kMemory;
    Entry* entry = Probe(KeyOf(memory ? address & ~uintptr_t{7} : address, state.kind));
    if (entry->epoch != epoch_ || entry->id != id) continue;
    entry->id = kNoObject;
    tracked_[i].address = 0;
    if (state.kind == ObjectKind::kMemory) continue;
    if (state.owner != kNoTask || state.waiters != 0) busy = id;
  }
  return busy;
}

ObjectId ObjectTable::FindStamped(void* object, uint32_t* stamp, ObjectKind kind, SiteId site,
                                  bool* is_new) {
  const auto address = reinterpret_cast<uintptr_t>(object);
  const uint32_t value = *stamp;
  if (value - 1 < tracked_.size() && tracked_[value - 1].address == address &&
      machine_->object(ObjectId{value - 1}).kind == kind) {
    *is_new = false;
    return ObjectId{value - 1};
  }
  if (value != kDestroyedStamp) Forget(address, kind);
  const ObjectId id = Find(address, kind, site, is_new);
  if (value != kDestroyedStamp) *stamp = Index(id) + 1;
  return id;
}

}  // namespace csim
