// Descriptors that travel in messages (SCM_RIGHTS).
//
// A parcel is what one sendmsg sends along: files that are open for as long as nobody has received it. It waits
// in a channel with its message; whoever takes the first byte of the message gets the parcel, and has to
// unpack or drop it. What nobody can receive any more is closed. (Two sockets that are open in each other's
// messages only are never closed; Linux finds them.)
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_PARCELS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_PARCELS_H_

#include <cstddef>
#include <cstdint>

#include "model/ids.h"

namespace csim {

inline constexpr size_t kMostInParcel = 253;

// The number of a parcel with the files behind these numbers of the running task's process; 0 if there are none.
// Negative: errno.
long PackParcel(const int* numbers, size_t count);
// It lies in the channel from now on; in a stream, with the last `size` bytes.
void PutParcel(uint32_t parcel, ObjectId channel, size_t size);
// Whether its sender still has it.
bool IsUnsent(uint32_t parcel);

// How many of the next `size` bytes of a stream can be read together: not beyond a message with a parcel.
size_t BytesUpToParcel(ObjectId channel, size_t size);
// The parcel that lies in the next `size` bytes of a stream; 0: none.
uint32_t ParcelIn(ObjectId channel, size_t size);
// The running task's process has received it.
void TakeParcel(uint32_t parcel);

// Installs its files (or, if it stays where it is, further descriptors of them), `most` at the most. How many.
size_t UnpackParcel(uint32_t parcel, int* numbers, size_t most, bool close_on_exec, bool stays);
// How many files are in it.
size_t SizeOfParcel(uint32_t parcel);
// Closes what is in it, one operation after the other.
void DropParcel(uint32_t parcel);
// The same for all that wait in a channel that nobody can read any more.
void DropParcelsIn(ObjectId channel);
// The process was killed: what it has packed or received is closed at once, and what nobody can receive any more.
void ReleaseParcels(uint32_t process);

// Whether an end of the channel is open in a parcel.
bool IsInParcel(ObjectId channel, bool writing_end);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_PARCELS_H_
