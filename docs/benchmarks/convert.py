"""convert.py FILE.hdf5|FILE.parquet NAME OUT.npy: a data set of HDF5 or a column of lists of Parquet as .npy."""
import sys
import numpy as np

source, name, out = sys.argv[1:]
if source.endswith((".parquet", ".pq")):
    import pyarrow.parquet
    rows = np.stack(pyarrow.parquet.read_table(source, columns=[name])[name].to_numpy())
else:
    import h5py
    rows = h5py.File(source)[name][:]
if rows.dtype == np.float64:
    rows = rows.astype("<f4")
np.save(out, np.ascontiguousarray(rows))
