// The cpu backend: our SIMD kernels and fused loops for float32, at the best level of the machine (sse4, avx2, avx512;
// KERAS_MAX_ISA caps it, and "reference" switches the backend off).
#pragma once

#include "runtime/target.h"

namespace keras::backends::cpu {

const runtime::Backend& backend();
const char* isa();  // "avx512", "avx2", "sse4" or "reference": what this process uses

}  // namespace keras::backends::cpu
