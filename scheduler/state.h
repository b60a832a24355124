// The state of a search as bytes, so that the search can go on in another process, on another machine,
// or after both have died: small numbers as few bytes, and a seal, since what comes back may be
// damaged.
#ifndef CSIM_SCHEDULER_STATE_H_
#define CSIM_SCHEDULER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

namespace csim {

class StateWriter {
 public:
  explicit StateWriter(std::pmr::memory_resource* memory = std::pmr::new_delete_resource())
      : bytes_(memory) {}

  // Seven bits a byte, the low ones first.
  void Number(uint64_t value);
  void Flag(bool value) { Number(value ? 1 : 0); }
  void Bytes(std::string_view bytes);
  // As they are: the reader must know where they end.
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  // Ends the state with a hash of what was written; nothing may be written afterwards.
  // The view lives as long as the writer.
  std::string_view Seal();

 private:
  std::pmr::string bytes_;
};

// Reads what a StateWriter wrote, in the same order. Damage never does more than this: ok() is false
// from then on, and all that is read is 0 or empty.
class StateReader {
 public:
  // `sealed` must outlive the reader. Not ok if the seal is broken.
  explicit StateReader(std::string_view sealed);

  // Not ok if it is greater than `most`.
  uint64_t Number(uint64_t most = ~uint64_t{0});
  bool Flag() { return Number(1) != 0; }
  std::string_view Bytes();
  // A number of things of at least one byte each that follow: never more than there are bytes, so that
  // it is safe to reserve memory for them.
  size_t Count();

  // All that was not read yet; it stays to be read.
  std::string_view Rest() const { return rest_; }

  bool ok() const { return ok_; }
  // True if all was read and nothing was wrong.
  bool AtEnd() const { return ok_ && rest_.empty(); }
  // For a reader who sees that what he read makes no sense. Returns false.
  bool Refuse();

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// What Seal appends to `bytes`: eight bytes.
inline constexpr size_t kSealSize = 8;
uint64_t SealOf(std::string_view bytes);

}  // namespace csim

#endif  // CSIM_SCHEDULER_STATE_H_
