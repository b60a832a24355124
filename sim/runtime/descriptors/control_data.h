// The control data of sendmsg and recvmsg.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_CONTROL_DATA_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_CONTROL_DATA_H_

#include <sys/socket.h>

#include <cstdint>

namespace csim {

// The parcel (parcels.h) with the descriptors in what is to be sent; 0: none. Negative: errno.
long PackControl(const msghdr& message, int domain);
// What has come with a message goes into the program's control buffer, as much as there is room for.
void UnpackControl(uint32_t parcel, int flags, msghdr* message);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_CONTROL_DATA_H_
