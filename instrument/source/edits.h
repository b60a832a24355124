// Changes to source files that keep every line where it is, and the way back to the original text.
#ifndef CSIM_INSTRUMENT_SOURCE_EDITS_H_
#define CSIM_INSTRUMENT_SOURCE_EDITS_H_

#include <map>
#include <string>
#include <vector>

namespace csim::instrument {

// The edits of one file. Offsets are bytes in the original text.
class FileEdits {
 public:
  FileEdits() = default;
  explicit FileEdits(std::string original) : original_(std::move(original)) {}

  // Replaces `length` bytes at `offset`; line breaks that get lost are put in again at the end.
  // REQUIRES: edits are added from front to back and do not overlap.
  void Replace(unsigned offset, unsigned length, std::string text);

  // Puts text in at `offset`, behind what was put in there before. False if that is within what another
  // edit replaces. May be called in any order.
  bool Insert(unsigned offset, std::string text);

  bool empty() const { return edits_.empty(); }
  const std::string& original() const { return original_; }
  // The offset after which the next edit may begin.
  unsigned end() const;

  std::string Apply() const;

  // Place in the original of a byte of the rewritten text; for text that was put in: where it was.
  unsigned ToOriginal(unsigned rewritten_offset) const;
  // The same for the end of a range; text that was put in belongs to the range whole.
  unsigned EndToOriginal(unsigned rewritten_offset) const;
  // Column (from 1) of an offset in the original.
  unsigned ColumnOf(unsigned offset) const;

 private:
  struct Edit {
    unsigned offset;
    unsigned length;
    std::string text;
  };
  std::string original_;
  std::vector<Edit> edits_;
};

// By path as the compiler opened it.
using EditSet = std::map<std::string, FileEdits>;

// The unified difference of two texts.
std::string UnifiedDiff(const std::string& path, const std::string& before,
                        const std::string& after);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_EDITS_H_
