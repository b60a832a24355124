#include "sim/runtime/descriptors/parcels.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/descriptors/transit.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

Parcel& ParcelOf(uint32_t number) { return All().parcels[number - 1]; }

template <typename Visit>
void ForEachFile(const Parcel& parcel, Visit visit) {
  for (uint32_t i = parcel.first; i < parcel.first + parcel.count; ++i) {
    if (All().parcel_files[i] != 0) visit(All().parcel_files[i], i);
  }
}

// The file at this place leaves the parcel. Its number.
uint32_t TakeFile(uint32_t place) {
  const uint32_t file = All().parcel_files[place];
  All().parcel_files[place] = 0;
  if (All().file(file).kind == FileKind::kReal) {
    RawSyscall(SYS_close, TakeFromTransit(place, false, false));
  }
  return file;
}

// A number for the file at this place; negative: errno.
int InstallFile(uint32_t place, bool close_on_exec, bool stays) {
  const uint32_t file = All().parcel_files[place];
  const bool real = All().file(file).kind == FileKind::kReal;
  const int fd =
      real ? TakeFromTransit(place, close_on_exec, stays) : TakePlaceholder(close_on_exec);
  if (fd < 0) return fd;
  if (!stays) {
    All().parcel_files[place] = 0;
  } else {
    ++All().file(file).descriptors;
    CountEnds(All().file(file), 1);
  }
  EnterNumber(fd, file, close_on_exec);
  return fd;
}

bool IsUnreadable(const Parcel& parcel) {
  return parcel.channel != kNoObject && g_runtime.machine().object(parcel.channel).readers == 0;
}

}  // namespace

long PackParcel(const int* numbers, size_t count) {
  if (count == 0) return 0;
  if (count > kMostInParcel) return -EINVAL;
  uint32_t files[kMostInParcel];
  for (size_t i = 0; i < count; ++i) {
    files[i] = KnownFile(numbers[i]);
    if (files[i] == 0) return -EBADF;
  }
  Descriptors& all = All();
  const auto first = static_cast<uint32_t>(all.parcel_files.size());
  for (size_t i = 0; i < count; ++i) {
    const auto place = static_cast<uint32_t>(all.parcel_files.size());
    all.parcel_files.push_back(files[i]);
    ++all.file(files[i]).descriptors;
    CountEnds(all.file(files[i]), 1);
    if (all.file(files[i]).kind == FileKind::kReal && !PutInTransit(numbers[i], place)) {
      ReportUncontrolled("sendmsg (more files on their way than the system carries)");
    }
  }
  all.parcels.push_back(
      {.sender = CurrentProcess(), .first = first, .count = static_cast<uint32_t>(count)});
  return static_cast<long>(all.parcels.size());
}

void PutParcel(uint32_t number, ObjectId channel, size_t size) {
  Parcel& parcel = ParcelOf(number);
  parcel.channel = channel;
  parcel.end = All().content(channel).put();
  parcel.begin = parcel.end - size;
}

bool IsUnsent(uint32_t parcel) { return ParcelOf(parcel).channel == kNoObject; }

uint32_t ParcelIn(ObjectId channel, size_t size) {
  const uint64_t at = All().content(channel).taken();
  uint32_t found = 0;
  for (uint32_t i = 1; i <= All().parcels.size(); ++i) {
    const Parcel& parcel = ParcelOf(i);
    if (parcel.channel != channel || parcel.begin >= at + size) continue;
    if (found == 0 || parcel.begin < ParcelOf(found).begin) found = i;
  }
  return found;
}

size_t BytesUpToParcel(ObjectId channel, size_t size) {
  const uint32_t first = All().parcels.empty() ? 0 : ParcelIn(channel, size);
  if (first == 0) return size;
  return std::min<size_t>(size, ParcelOf(first).end - All().content(channel).taken());
}

void TakeParcel(uint32_t number) {
  ParcelOf(number).channel = kNoObject;
  ParcelOf(number).sender = CurrentProcess();
}

size_t UnpackParcel(uint32_t number, int* numbers, size_t most, bool close_on_exec, bool stays) {
  size_t done = 0;
  const Parcel parcel = ParcelOf(number);
  for (uint32_t i = 0; i < parcel.count && done < most; ++i) {
    const int fd = InstallFile(parcel.first + i, close_on_exec, stays);
    if (fd < 0) break;
    numbers[done++] = fd;
  }
  return done;
}

size_t SizeOfParcel(uint32_t number) { return ParcelOf(number).count; }

void DropParcel(uint32_t number) {
  const Parcel parcel = ParcelOf(number);
  ForEachFile(parcel, [&](uint32_t, uint32_t place) { CloseFile(TakeFile(place)); });
}

void DropParcelsIn(ObjectId channel) {
  for (uint32_t i = 1; i <= All().parcels.size(); ++i) {
    if (ParcelOf(i).channel != channel) continue;
    TakeParcel(i);
    DropParcel(i);
  }
}

void ReleaseParcels(uint32_t process) {
  for (bool again = true; again;) {
    again = false;
    for (Parcel& parcel : All().parcels) {
      const bool mine = parcel.channel == kNoObject && parcel.sender == process;
      if (!mine && !IsUnreadable(parcel)) continue;
      ForEachFile(parcel, [&](uint32_t file, uint32_t place) {
        TakeFile(place);
        --All().file(file).descriptors;
        CountEnds(All().file(file), -1);
        again = true;
      });
    }
  }
}

bool IsInParcel(ObjectId channel, bool writing_end) {
  return std::any_of(All().parcel_files.begin(), All().parcel_files.end(), [&](uint32_t file) {
    return file != 0 && (writing_end ? All().file(file).out : All().file(file).in) == channel;
  });
}

}  // namespace csim
