#include "report/exploration.h"

namespace csim {

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBug: return "bug";
    case Verdict::kClean: return "clean";
    case Verdict::kBounded: return "bounded";
    case Verdict::kError: return "error";
  }
  return "error";
}

int ExitCodeOf(const Exploration& exploration) {
  switch (exploration.verdict) {
    case Verdict::kClean: return 0;
    case Verdict::kBug: return 1;
    case Verdict::kBounded: return 3;
    case Verdict::kError: return 4;
  }
  return 4;
}

}  // namespace csim
