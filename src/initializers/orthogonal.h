// Orthonormal matrices for the initializer of that name.
#pragma once

#include <cstdint>
#include <span>

namespace keras::initializers {

// Makes `count` vectors of `length` numbers (count <= length, one after the other in memory) orthonormal, each from
// itself and those before it: the columns of Q in the QR factorization whose R has a positive diagonal.
void orthonormalize(std::span<double> vectors, std::int64_t count, std::int64_t length);

}  // namespace keras::initializers
