using System.Runtime.InteropServices;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels;

/// <summary>
/// A matrix of numbers where a training step keeps them: rows are tokens or features. Made by <see cref="Arithmetic.NewMatrix"/>; a view
/// shares the numbers of its owner and must not outlive it.
/// </summary>
internal sealed unsafe class Matrix : IDisposable
{
    // Kernels read whole panels of 32 columns; of what lies past the last row they use nothing, but it must be there.
    private const int Slack = 128;

    private static long BytesAlive;

    private readonly bool _owner;
    private bool _viewed;

    private Matrix(float* data, Tensor? tensor, int rows, int columns, int stride, bool owner)
    {
        Data = data;
        (Tensor, Rows, Columns, Stride, _owner) = (tensor, rows, columns, stride, owner);
    }

    /// <summary>What all matrices of the process take outside of managed memory; for tests and benchmarks.</summary>
    public static long LiveBytes => Interlocked.Read(ref BytesAlive);

    /// <summary>Where the SIMD kernels find it; null on another device.</summary>
    public float* Data { get; private set; }

    /// <summary>Where ATen finds it [Rows, Columns]; null for the SIMD kernels.</summary>
    public Tensor? Tensor { get; private set; }

    /// <summary>The same numbers in the type of a device's activations, where that holds them exactly and somebody asked.</summary>
    public Matrix? Brief { get; set; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Elements from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Zeroed memory, aligned to cache lines.</summary>
    public static Matrix InMemory(int rows, int columns)
    {
        var bytes = (nuint)BytesOf(rows, columns);
        var data = (float*)NativeMemory.AlignedAlloc(bytes + Slack, 64);
        NativeMemory.Clear(data, bytes + Slack);
        Interlocked.Add(ref BytesAlive, (long)bytes);
        return new Matrix(data, null, rows, columns, StrideOf(rows, columns), owner: true);
    }

    /// <summary>What a matrix in memory takes.</summary>
    public static long BytesOf(int rows, int columns) => Math.Max(1L, (long)rows * StrideOf(rows, columns)) * sizeof(float);

    /// <summary>A matrix that is nowhere: for reckoning what would be needed.</summary>
    public static Matrix Nowhere(int rows, int columns) => new(null, null, rows, columns, StrideOf(rows, columns), owner: false);

    // Rows a large power of two apart fall into the same few sets of every cache, and a column of tiles evicts itself: a line between them
    // spreads them over all sets. Products at the shapes of a 1B model reach 90 % of the peak so, and 80 % without.
    private static int StrideOf(int rows, int columns) => rows > 1 && columns % 256 == 0 ? columns + 16 : columns;

    public static Matrix Over(Tensor tensor) => new(null, tensor, (int)tensor.Shape[0], (int)tensor.Shape[1], 0, owner: true);

    public float* Row(int row) => Data + (long)row * Stride;

    public Matrix View(int row, int rows, int column, int columns)
    {
        if (row < 0 || column < 0 || row + rows > Rows || column + columns > Columns)
            throw new ArgumentOutOfRangeException(nameof(row), $"[{row}+{rows}, {column}+{columns}] of a [{Rows}, {Columns}] matrix");
        _viewed = true;
        if (Tensor is null) return new Matrix(Row(row) + column, null, rows, columns, Stride, owner: false);
        using var some = Tensor.narrow(0, row, rows);
        return new Matrix(null, some.narrow(1, column, columns), rows, columns, 0, owner: false);
    }

    /// <summary>The first rows.</summary>
    public Matrix Top(int rows) => rows == Rows ? this : View(0, rows, 0, Columns);

    /// <summary>Some columns of every row.</summary>
    public Matrix Slice(int column, int columns) => column == 0 && columns == Columns ? this : View(0, Rows, column, columns);

    /// <summary>Elements [from, from + rows x columns) of a matrix of one row, as a matrix of their own.</summary>
    public Matrix Reshaped(int from, int rows, int columns)
    {
        if (Rows != 1 || from + (long)rows * columns > Columns) throw new ArgumentOutOfRangeException(nameof(from));
        _viewed = true;
        if (Tensor is null) return new Matrix(Data + from, null, rows, columns, columns, owner: false);
        using var some = Tensor.narrow(1, from, rows * columns);
        return new Matrix(null, some.view(rows, columns), rows, columns, 0, owner: false);
    }

    /// <summary>
    /// Has a device's result, [Rows, Columns]: as it is where nothing else looks at what was here, so that nothing is copied.
    /// </summary>
    public void Become(Tensor result)
    {
        if (_owner && !_viewed)
        {
            Tensor!.Dispose();
            Tensor = result.Kept();
        }
        else
        {
            Tensor!.copy_(result);
        }
    }

    public Span<float> Span(int row) => new(Row(row), Columns);

    /// <summary>A copy in ordinary memory, row-major.</summary>
    public float[] ToArray()
    {
        var all = new float[(long)Rows * Columns];
        if (Tensor is { } tensor)
        {
            using var scope = Libtorch.Tensor.NewScope();
            (tensor.IsFloat32 ? tensor : tensor.to(Dtype.Float32)).CopyTo(all);
        }
        else
        {
            for (var row = 0; row < Rows; row++) Span(row).CopyTo(all.AsSpan(row * Columns, Columns));
        }
        return all;
    }

    /// <summary>Overwrites all elements, row-major.</summary>
    public void Set(ReadOnlySpan<float> all)
    {
        if (all.Length != (long)Rows * Columns)
            throw new ArgumentException($"{all.Length} numbers do not fill [{Rows}, {Columns}].", nameof(all));
        if (Tensor is null && Data is null) return;
        if (Tensor is { } tensor)
        {
            using var local = Libtorch.Tensor.Of(all.ToArray(), Rows, Columns);
            tensor.Upload_(local);
        }
        else
        {
            for (var row = 0; row < Rows; row++) all.Slice(row * Columns, Columns).CopyTo(Span(row));
        }
    }

    public void Dispose()
    {
        if (!_owner) return;
        if (Data is not null)
        {
            NativeMemory.AlignedFree(Data);
            Interlocked.Add(ref BytesAlive, -BytesOf(Rows, Columns));
        }
        Data = null;
        Tensor?.Dispose();
        Tensor = null;
        Brief?.Dispose();
    }
}
