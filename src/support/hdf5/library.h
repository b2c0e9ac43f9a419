// What we call of the HDF5 library, which is loaded by the first call.
#pragma once

#include <hdf5.h>

#include "support/late_library.h"

namespace keras::support::hdf5 {

inline constinit LateLibrary hdf5_library{KERAS_HDF5_SONAME, "to write HDF5 files", "libhdf5-103-1"};

KERAS_LATE(hdf5_library, H5Aclose);
KERAS_LATE(hdf5_library, H5Acreate2);
KERAS_LATE(hdf5_library, H5Aexists);
KERAS_LATE(hdf5_library, H5Awrite);
KERAS_LATE(hdf5_library, H5Dclose);
KERAS_LATE(hdf5_library, H5Dcreate2);
KERAS_LATE(hdf5_library, H5Dwrite);
KERAS_LATE(hdf5_library, H5Eclear2);
KERAS_LATE(hdf5_library, H5Eget_auto2);
KERAS_LATE(hdf5_library, H5Eset_auto2);
KERAS_LATE(hdf5_library, H5Ewalk2);
KERAS_LATE(hdf5_library, H5Fclose);
KERAS_LATE(hdf5_library, H5Fcreate);
KERAS_LATE(hdf5_library, H5FDregister);
KERAS_LATE(hdf5_library, H5Gclose);
KERAS_LATE(hdf5_library, H5Gcreate2);
KERAS_LATE(hdf5_library, H5Iis_valid);
KERAS_LATE(hdf5_library, H5Oclose);
KERAS_LATE(hdf5_library, H5Oopen);
KERAS_LATE(hdf5_library, H5open);
KERAS_LATE(hdf5_library, H5Pclose);
KERAS_LATE(hdf5_library, H5Pcreate);
KERAS_LATE(hdf5_library, H5Pget_driver_info);
KERAS_LATE(hdf5_library, H5Pset_char_encoding);
KERAS_LATE(hdf5_library, H5Pset_driver);
KERAS_LATE(hdf5_library, H5Pset_obj_track_times);
KERAS_LATE(hdf5_library, H5Sclose);
KERAS_LATE(hdf5_library, H5Screate);
KERAS_LATE(hdf5_library, H5Screate_simple);
KERAS_LATE(hdf5_library, H5Tclose);
KERAS_LATE(hdf5_library, H5Tcopy);
KERAS_LATE(hdf5_library, H5Tcreate);
KERAS_LATE(hdf5_library, H5Tenum_create);
KERAS_LATE(hdf5_library, H5Tenum_insert);
KERAS_LATE(hdf5_library, H5Tget_size);
KERAS_LATE(hdf5_library, H5Tset_cset);
KERAS_LATE(hdf5_library, H5Tset_ebias);
KERAS_LATE(hdf5_library, H5Tset_fields);
KERAS_LATE(hdf5_library, H5Tset_size);
KERAS_LATE(hdf5_library, H5Tset_strpad);
KERAS_LATE(hdf5_library, H5Tset_tag);
// What its macros stand for, such as H5T_NATIVE_INT8.
KERAS_LATE(hdf5_library, H5P_CLS_ATTRIBUTE_CREATE_ID_g);
KERAS_LATE(hdf5_library, H5P_CLS_DATASET_CREATE_ID_g);
KERAS_LATE(hdf5_library, H5P_CLS_FILE_ACCESS_ID_g);
KERAS_LATE(hdf5_library, H5P_CLS_LINK_CREATE_ID_g);
KERAS_LATE(hdf5_library, H5T_C_S1_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_DOUBLE_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_FLOAT_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_INT16_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_INT32_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_INT64_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_INT8_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_UINT16_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_UINT32_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_UINT64_g);
KERAS_LATE(hdf5_library, H5T_NATIVE_UINT8_g);

}  // namespace keras::support::hdf5
