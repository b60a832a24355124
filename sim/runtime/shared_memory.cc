#include "sim/runtime/shared_memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "model/check.h"
#include "sim/runtime/hidden_files.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

constexpr uintptr_t kChunk = ShadowMemory::kChunkBytes;
constexpr uintptr_t kFirstAddress = 0x600000000000;  // where nothing else is
constexpr uintptr_t kPage = 4096;
constexpr uint64_t kFileSize = uint64_t{1} << 40;  // sparse

uintptr_t Up(uintptr_t value, uintptr_t unit) { return (value + unit - 1) & ~(unit - 1); }

uint64_t Mix(uint64_t a, uint64_t b) {
  const uint64_t x = (a ^ b) * 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

// The piece with the chunks [first, first + count) of the file; made if there is none. Null if there is no
// room.
SharedPiece* PieceOf(uint64_t device, uint64_t inode, const MemoryObject* object, uint64_t first,
                     uint32_t count) {
  SharedPieces& all = g_runtime.shared->shared_pieces;
  for (uint32_t i = 0; i < all.count; ++i) {
    SharedPiece& p = all.pieces[i];
    if (p.device == device && p.inode == inode && p.first <= first &&
        first + count <= p.first + p.count) {
      return &p;
    }
  }
  const uint32_t shadow =
      all.count == SharedPieces::kMost ? ~0u : g_runtime.shadow.AllocateShared(count);
  if (shadow == ~0u) return nullptr;
  const TaskState& task = g_runtime.machine().task(g_runtime.current());
  uint32_t made = 0;  // by this task before
  for (uint32_t i = 0; i < all.count; ++i) made += all.pieces[i].name >> 32 == task.name >> 32;
  const uint64_t own = (task.name & ~uint64_t{0xffffffff}) | (Mix(task.name, made) >> 32);
  all.pieces[all.count] = {device,
                           inode,
                           object == nullptr ? own : object->identity,
                           first,
                           count,
                           shadow,
                           object == nullptr ? Index(g_runtime.CallSite()) : object->site};
  return &all.pieces[all.count++];
}

// The piece with `size` bytes from `offset` on: if possible, one of the whole file, so that all who map
// different parts of it have the same.
SharedPiece* FindPiece(uint64_t device, uint64_t inode, const MemoryObject* object, uint64_t offset,
                       uint64_t size, uint64_t file_size) {
  constexpr uint64_t kLargeFile = uint64_t{1} << 30;
  uint64_t first = offset / kChunk;
  uint64_t end = Up(offset + size, kChunk) / kChunk;
  if (file_size <= kLargeFile && offset < file_size) {
    first = 0;
    end = std::max(end, Up(file_size, kChunk) / kChunk);
  }
  return PieceOf(device, inode, object, first, static_cast<uint32_t>(end - first));
}

}  // namespace

const SharedMemory::Mapped* SharedMemory::FindAmongAll(uintptr_t address) const {
  for (uint32_t i = 0; i < count_; ++i) {
    const Mapped& m = mapped_[i];
    if (m.shared && address - m.begin < m.end - m.begin) return &m;
  }
  return nullptr;
}

long SharedMemory::Map(uintptr_t address, size_t size, int protection, int flags, int fd,
                       off_t offset) {
  if (count_ == kMost) return -ENOMEM;
  const int type = flags & MAP_TYPE;
  const bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
  SharedPieces& all = g_runtime.shared->shared_pieces;
  SharedPiece* piece = nullptr;
  uint64_t place = kElsewhere;  // in the worker's file
  if (shared && size != 0) {
    uint64_t device = ~uint64_t{0};
    uint64_t inode = 0;
    const MemoryObject* object = nullptr;
    uint64_t file_size = 0;
    if ((flags & MAP_ANONYMOUS) != 0) {
      inode = ++all.anonymous;
      offset = 0;
      // With room in between: a mapping that is made larger does not reach into the next one.
      const uint64_t used = all.anonymous_end;
      const uint64_t next = used == 0 ? 0 : Up(used, kChunk) + kChunk;
      if (fd_ >= 0 && (flags & MAP_HUGETLB) == 0 && next < kFileSize && size < kFileSize - next) {
        place = next;
        all.anonymous_end = Up(next + size, kPage);
        fd = fd_;
        flags &= ~MAP_ANONYMOUS;
      }
    } else {
      struct stat status{};
      if (const long error = RawSyscall(SYS_fstat, fd, &status); error < 0) return error;
      device = status.st_dev;
      inode = status.st_ino;
      file_size = static_cast<uint64_t>(status.st_size);
      object = g_runtime.shared->memory_objects.FindFile(device, inode);
    }
    piece = FindPiece(device, inode, object, static_cast<uint64_t>(offset), size, file_size);
    if (piece == nullptr) return -ENOMEM;
    if ((flags & MAP_FIXED) == 0) {
      if (all.next_address == 0) all.next_address = kFirstAddress;
      address = all.next_address + static_cast<uintptr_t>(offset) % kChunk;
      all.next_address = Up(address + size, kChunk) + kChunk;
      flags |= MAP_FIXED_NOREPLACE;
    } else if ((address - static_cast<uintptr_t>(offset)) % kChunk != 0) {
      ReportUncontrolled("mmap (shared memory at a fixed address that is not aligned as the file)");
    }
  }
  const long result = RawSyscall(SYS_mmap, address, size, protection, flags, fd,
                                 place == kElsewhere ? static_cast<uint64_t>(offset) : place);
  if (result < 0 && result > -4096) return result;
  const auto begin = static_cast<uintptr_t>(result);
  const uintptr_t end = begin + Up(size, kPage);
  Forget(begin, end);
  mapped_[count_] = {begin, end, static_cast<uint64_t>(offset), 0, 0, 0, shared, protection, place};
  if (piece != nullptr) {
    Mapped& m = mapped_[count_];
    m.name = piece->name;
    m.site = piece->site;
    m.first_chunk = piece->shadow +
                    static_cast<uint32_t>(static_cast<uint64_t>(offset) / kChunk - piece->first);
    g_runtime.shadow.MapShared(begin & ~(kChunk - 1), end, m.first_chunk);
    ++shared_count_;
  }
  ++count_;
  return result;
}

// [begin, end) is not what it was: mappings there are cut or gone.
void SharedMemory::Forget(uintptr_t begin, uintptr_t end) {
  for (uint32_t i = count_; i-- > 0;) {
    Mapped& m = mapped_[i];
    if (m.end <= begin || m.begin >= end) continue;
    if (m.begin < begin && m.end > end && count_ < kMost) {
      Mapped rest = m;
      rest.offset += end - rest.begin;
      if (rest.anonymous_at != kElsewhere) rest.anonymous_at += end - rest.begin;
      rest.first_chunk += static_cast<uint32_t>((end & ~(kChunk - 1)) / kChunk - m.begin / kChunk);
      rest.begin = end;
      m.end = begin;
      mapped_[count_++] = rest;
      shared_count_ += rest.shared;
    } else if (m.begin < begin) {
      m.end = begin;
    } else if (m.end > end) {
      m.offset += end - m.begin;
      if (m.anonymous_at != kElsewhere) m.anonymous_at += end - m.begin;
      m.first_chunk += static_cast<uint32_t>(end / kChunk - m.begin / kChunk);
      m.begin = end;
    } else {
      if (m.shared) g_runtime.shadow.Unmap(m.begin & ~(kChunk - 1), m.end);
      shared_count_ -= m.shared;
      m = mapped_[--count_];
    }
  }
}

long SharedMemory::Unmap(uintptr_t address, size_t size) {
  const long result = RawSyscall(SYS_munmap, address, size);
  if (result == 0) Forget(address, address + Up(size, kPage));
  return result;
}

void SharedMemory::AfterFork() {
  for (uint32_t i = 0; i < count_; ++i) {
    const Mapped& m = mapped_[i];
    if (m.shared) g_runtime.shadow.MapShared(m.begin & ~(kChunk - 1), m.end, m.first_chunk);
  }
}

void SharedMemory::MakeFile() { fd_ = MakeHiddenFile("csim-anonymous", kFileSize); }

void SharedMemory::ClearFile() {
  uint64_t& end = g_runtime.shared->shared_pieces.anonymous_end;
  constexpr uint64_t kFew = 4 * kPage;
  static const char zeros[kFew] = {};
  if (end > kFew) {
    RawSyscall(SYS_ftruncate, fd_, 0);
    RawSyscall(SYS_ftruncate, fd_, kFileSize);
  } else if (end > 0) {
    RawSyscall(SYS_pwrite64, fd_, zeros, end, 0);  // who has it mapped need not find it again
  }
  end = 0;
}

bool SharedMemory::NoteProtected(uintptr_t address, size_t size) {
  for (uint32_t i = 0; i < count_; ++i) {
    Mapped& m = mapped_[i];
    if (address < m.begin || address + size > m.end) continue;
    m.anonymous_at = kElsewhere;
    return true;
  }
  return false;
}

bool SharedMemory::CanBeCopied() const {
  return std::all_of(mapped_, mapped_ + count_,
                     [](const Mapped& m) { return m.anonymous_at != kElsewhere; });
}

void SharedMemory::Write(ImageWriter& image) const {
  image.Put(count_);
  image.Put(shared_count_);
  image.Put(mapped_, count_ * sizeof *mapped_);
}

void SharedMemory::Become(ImageReader& image) {
  const auto count = image.Take<uint32_t>();
  const auto shared_count = image.Take<uint32_t>();
  const char* const wanted = image.Take(count * sizeof *mapped_);
  // The names and chunks of the same mappings are others in each execution.
  const auto same = [](const Mapped& a, const Mapped& b) {
    return a.begin == b.begin && a.end == b.end && a.protection == b.protection &&
           a.anonymous_at == b.anonymous_at && a.anonymous_at != kElsewhere;
  };
  const auto wanted_at = [&](uint32_t i) {
    Mapped m;
    memcpy(&m, wanted + i * sizeof m, sizeof m);
    return m;
  };
  bool all_there = count == count_;
  for (uint32_t i = 0; i < count && all_there; ++i) all_there = same(mapped_[i], wanted_at(i));
  if (!all_there) {
    Reset();
    for (uint32_t i = 0; i < count; ++i) {
      const Mapped m = wanted_at(i);
      const long result = RawSyscall(SYS_mmap, m.begin, m.end - m.begin, m.protection,
                                     MAP_SHARED | MAP_FIXED_NOREPLACE, fd_, m.anonymous_at);
      CSIM_CHECK(static_cast<uintptr_t>(result) == m.begin);
    }
  }
  if (count > 0) memcpy(mapped_, wanted, count * sizeof *mapped_);
  count_ = count;
  shared_count_ = shared_count;
}

void SharedMemory::Reset() {
  for (uint32_t i = 0; i < count_; ++i) {
    const Mapped& m = mapped_[i];
    RawSyscall(SYS_munmap, m.begin, m.end - m.begin);
    if (m.shared) g_runtime.shadow.Unmap(m.begin & ~(kChunk - 1), m.end);
  }
  count_ = shared_count_ = 0;
}

}  // namespace csim
