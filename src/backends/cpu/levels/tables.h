// The tables of one level, each defined in the file of levels/ that has its kernels.
#pragma once

#include "backends/cpu/kernels.h"
#include "backends/cpu/levels/isa.h"

namespace keras::backends::cpu::KERAS_ISA {

extern const TileKernel row_kernels[kRows];
extern const Tiles tiles;
extern const Chains chain_kernels;
extern const Reductions reductions;
extern const Gemm gemm;
extern const Random random_kernels;
extern const Windows windows;

}  // namespace keras::backends::cpu::KERAS_ISA
