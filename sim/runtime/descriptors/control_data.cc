#include "sim/runtime/descriptors/control_data.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/parcels.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

// The descriptors in one piece of control data, behind those before. False if there are too many.
bool AddRights(const cmsghdr& rights, int* numbers, size_t* count) {
  const size_t more = (rights.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  if (*count + more > kMostInParcel) return false;
  memcpy(numbers + *count, CMSG_DATA(&rights), more * sizeof(int));
  *count += more;
  return true;
}

}  // namespace

long PackControl(const msghdr& message, int domain) {
  if (message.msg_controllen == 0) return 0;
  NoteReads(message.msg_control, message.msg_controllen);
  const char* const end = static_cast<const char*>(message.msg_control) + message.msg_controllen;
  int numbers[kMostInParcel];
  size_t count = 0;
  auto* all = const_cast<msghdr*>(&message);
  for (cmsghdr* piece = CMSG_FIRSTHDR(all); piece != nullptr; piece = CMSG_NXTHDR(all, piece)) {
    const auto room = static_cast<size_t>(end - reinterpret_cast<const char*>(piece));
    if (piece->cmsg_len < sizeof(cmsghdr) || piece->cmsg_len > room) return -EINVAL;
    if (piece->cmsg_level != SOL_SOCKET) {
      if (domain == AF_UNIX) continue;  // as Linux does
      ReportUncontrolled("sendmsg with control data of an internet protocol");
    }
    if (piece->cmsg_type == SCM_CREDENTIALS) ReportUncontrolled("sendmsg with SCM_CREDENTIALS");
    if (piece->cmsg_type != SCM_RIGHTS) return -EINVAL;
    if (domain == AF_UNIX && !AddRights(*piece, numbers, &count)) return -EINVAL;
  }
  return PackParcel(numbers, count);
}

void UnpackControl(uint32_t parcel, int flags, msghdr* message) {
  const size_t room = message->msg_control == nullptr ? 0 : message->msg_controllen;
  const bool stays = (flags & MSG_PEEK) != 0;
  message->msg_controllen = 0;
  if (parcel == 0) return;
  int numbers[kMostInParcel];
  const size_t most =
      std::min(room > sizeof(cmsghdr) ? (room - sizeof(cmsghdr)) / sizeof(int) : 0, kMostInParcel);
  const size_t count = UnpackParcel(parcel, numbers, most, (flags & MSG_CMSG_CLOEXEC) != 0, stays);
  if (count < SizeOfParcel(parcel)) message->msg_flags |= MSG_CTRUNC;
  if (count != 0) {
    cmsghdr header{};
    header.cmsg_level = SOL_SOCKET;
    header.cmsg_type = SCM_RIGHTS;
    header.cmsg_len = CMSG_LEN(count * sizeof(int));
    auto* const to = static_cast<char*>(message->msg_control);
    message->msg_controllen = std::min(room, CMSG_SPACE(count * sizeof(int)));
    NoteWrites(to, header.cmsg_len);
    memcpy(to, &header, sizeof header);
    memcpy(to + CMSG_LEN(0), numbers, count * sizeof(int));
  }
  if (!stays) DropParcel(parcel);
}

}  // namespace csim
