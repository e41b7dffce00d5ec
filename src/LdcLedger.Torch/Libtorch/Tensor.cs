using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using Raw = TorchSharp.torch.Tensor;

namespace LdcLedger.Torch.Libtorch;

/// <summary>Types of elements that tensors are made with or turned to.</summary>
internal enum Dtype { Float32, BrainFloat16, Float64, Float16, Int32 }

/// <summary>
/// A tensor of libtorch, with the operations that we use under torch's own names: those with a trailing underscore work in place and return
/// the tensor itself. This is the only door to TorchSharp's operations, for two reasons.
/// <para>
/// Lifetime: TorchSharp hands native code bare addresses. It wraps each number in a <see cref="Scalar"/> (even <c>add_(tensor)</c> makes
/// one, for its factor 1), and nothing keeps that object alive during the call: a collection at that moment lets its finalizer free what
/// native code still reads (dotnet/TorchSharp #1434, #1496). Here every argument stays alive until the call returns, and numbers are freed
/// right after it.
/// </para>
/// <para>Errors: what libtorch throws arrives as a <see cref="LibtorchException"/>.</para>
/// Results belong to the thread's innermost <see cref="TensorScope"/>, which frees them. Everything is counted where somebody counts
/// (<see cref="OperationCount"/>).
/// </summary>
internal sealed partial class Tensor : IDisposable
{
    private readonly Raw _raw;
    private OperationCount? _count;
    private long _bytes;                                           // of its own, where they are counted

    private Tensor(Raw raw)
    {
        _raw = raw;
        MoveTo(TensorScope.Current);
    }

    /// <summary>TorchSharp's tensor, for code that measures TorchSharp itself, and for the dispatcher.</summary>
    internal Raw Raw => _raw;

    /// <summary>Tensors alive in the process, views included.</summary>
    public static long LiveCount => Raw.TotalCount;

    /// <summary>Frees, when disposed, every tensor that this thread makes until then.</summary>
    public static IDisposable NewScope() => new TensorScope();

    /// <summary>That frees it; null: whoever has it does.</summary>
    public TensorScope? Scope { get; private set; }

    /// <summary>Takes it out of the scopes: it lives until it is disposed.</summary>
    public Tensor Kept() => MoveTo(null);

    public Tensor MoveTo(TensorScope? scope)
    {
        Scope = scope;
        scope?.Add(this);
        return this;
    }

    public void Dispose()
    {
        _count?.Freed(_bytes);
        _count = null;
        _raw.Dispose();
    }

    // Making them

    public static Tensor zeros(int rows, int columns, Dtype type, Device device) =>
        New(device, (rows, columns, type), static (device, a) => torch.zeros(a.rows, a.columns, Of(a.type), device.Raw));

    public static Tensor empty(int rows, int columns, Dtype type, Device device) =>
        Uncounted(device, (rows, columns, type), static (device, a) => torch.empty(a.rows, a.columns, Of(a.type), device.Raw));

    /// <summary>Room for so many elements.</summary>
    public static Tensor empty(long[] shape, Dtype type, Device device) =>
        Uncounted(device, (shape, type), static (device, a) => torch.empty(a.shape, Of(a.type), device.Raw));

    /// <summary>Room for bytes, [size].</summary>
    public static Tensor emptyBytes(long size, Device device) =>
        Uncounted(device, size, static (device, size) => torch.empty([size], torch.uint8, device.Raw));

    /// <summary>Normally distributed, from libtorch's own generator.</summary>
    public static Tensor randn(int rows, int columns, Device device) =>
        New(device, (rows, columns), static (device, size) => torch.randn(size.rows, size.columns, torch.float32, device.Raw));

    /// <summary>A copy of some numbers, on the CPU.</summary>
    public static Tensor Of(float[] values, params long[] shape) =>
        Uncounted(values, shape, static (values, shape) => torch.tensor(values, shape));

    /// <summary>A copy of some numbers on a device.</summary>
    public static Tensor Of(float[] values, Device device, params long[] shape)
    {
        OperationCount.Current?.Uploaded(values.Length * (long)sizeof(float));
        return Uncounted(values, (shape, device), static (values, a) =>
        {
            using var local = torch.tensor(values, a.shape);
            return local.to(a.device.Raw);
        });
    }

    /// <summary>Places or ids, [values], on a device.</summary>
    public static Tensor Of(long[] values, Device device)
    {
        OperationCount.Current?.Uploaded(values.Length * (long)sizeof(long));
        return Uncounted(values, device, static (values, device) =>
        {
            using var local = torch.tensor(values);
            return local.to(device.Raw);
        });
    }

    /// <summary>Bytes, [values], on a device.</summary>
    public static Tensor Of(byte[] values, Device device)
    {
        OperationCount.Current?.Uploaded(values.Length);
        return Uncounted(values, device, static (values, device) =>
        {
            using var local = torch.tensor(values);
            return local.to(device.Raw);
        });
    }

    /// <summary>0, step, 2 step and so on, as places.</summary>
    public static Tensor arange(long count, long step, Device device)
    {
        using Scalar first = 0L.ToScalar(), end = (count * step).ToScalar(), by = step.ToScalar();
        return New(device, (first, end, by),
            static (device, a) => torch.arange(a.first, a.end, a.by, torch.int64, device.Raw));
    }

    /// <summary>All elements the same, fp32.</summary>
    public static Tensor full(long size, double value, Device device)
    {
        using var number = value.ToScalar();
        return New(device, (size, number), static (device, a) => torch.full(a.size, a.number, torch.float32, device.Raw));
    }

    // Shapes and places

    public bool IsFloat32 => Read(raw => raw.dtype == torch.ScalarType.Float32);

    public IReadOnlyList<long> Shape => Read(raw => raw.shape);

    private T Read<T>(Func<Raw, T> property)
    {
        var value = property(_raw);
        StayAlive(_raw);
        return value;
    }

    public Tensor t() => View(_raw, 0, static (x, _) => x.t());

    public Tensor alias() => View(_raw, 0, static (x, _) => x.alias());

    public Tensor view(params long[] shape) => View(_raw, shape, static (x, shape) => x.view(shape));

    public Tensor narrow(int dim, long start, long length) =>
        View(_raw, (dim, start, length), static (x, a) => x.narrow(a.dim, a.start, a.length));

    public Tensor select(int dim, int at) => View(_raw, (dim, at), static (x, a) => x.select(a.dim, a.at));

    public Tensor transpose(int one, int other) => View(_raw, (one, other), static (x, a) => x.transpose(a.one, a.other));

    public Tensor permute(params long[] dims) => View(_raw, dims, static (x, dims) => x.permute(dims));

    public Tensor expand(params long[] shape) => View(_raw, shape, static (x, shape) => x.expand(shape));

    public Tensor squeeze(int dim) => View(_raw, dim, static (x, dim) => x.squeeze(dim));

    public Tensor unsqueeze(int dim) => View(_raw, dim, static (x, dim) => x.unsqueeze(dim));

    /// <summary>The same elements in another shape, in place of this tensor.</summary>
    public Tensor Reshaped(params long[] shape)
    {
        var other = view(shape);
        (other._count, other._bytes, _count) = (_count, _bytes, null);
        Dispose();
        return other;
    }

    // Reading

    /// <summary>The one element of a tensor of fp64.</summary>
    public double item()
    {
        Span<double> one = stackalloc double[1];
        Read(one);
        return one[0];
    }

    /// <summary>Copies all elements, row-major, from whatever device.</summary>
    public void CopyTo(Span<float> to) => Read(to);

    /// <summary>The same of a tensor of fp64.</summary>
    public void CopyTo(Span<double> to) => Read(to);

    private unsafe void Read<T>(Span<T> to) where T : unmanaged
    {
        OperationCount.Current?.Read(to.Length * (long)sizeof(T));
        if (!HasNumbers)
        {
            to.Clear();
            return;
        }
        using var local = Call(_raw, 0, static (x, _) => x.cpu());
        using var whole = Call(local, 0, static (x, _) => x.contiguous());
        if (whole.numel() != to.Length) throw new ArgumentException($"{whole.numel()} elements do not fill {to.Length}.", nameof(to));
        using var elements = whole.data<T>();
        elements.CopyTo(to);
        GC.KeepAlive(whole);
    }

    // The one way to native code

    // A root of the process: never collected. Made at the first operation, when libtorch is loaded.
    private static Scalar One { get; } = 1.ToScalar();

    private static torch.ScalarType Of(Dtype type) => type switch
    {
        Dtype.Float32 => torch.ScalarType.Float32,
        Dtype.BrainFloat16 => torch.ScalarType.BFloat16,
        Dtype.Float64 => torch.ScalarType.Float64,
        Dtype.Float16 => torch.ScalarType.Float16,
        Dtype.Int32 => torch.ScalarType.Int32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no type of elements."),
    };

    private Tensor WithNumber<T>(double number, T arguments, Func<Raw, T, Scalar, Raw> operation)
    {
        using var scalar = number.ToScalar();
        return New(_raw, (arguments, scalar, operation), static (x, a) => a.operation(x, a.arguments, a.scalar));
    }

    private Tensor InPlaceWithNumber<T>(double number, T arguments, Func<Raw, T, Scalar, Raw> operation)
    {
        using var scalar = number.ToScalar();
        return InPlace((arguments, scalar, operation), static (x, a) => a.operation(x, a.arguments, a.scalar));
    }

    private Tensor InPlace<T>(T arguments, Func<Raw, T, Raw> operation)
    {
        OperationCount.Current?.Operated();
        var result = Call(_raw, arguments, operation);
        if (!ReferenceEquals(result, _raw)) result.Dispose();      // some return a second handle
        return this;
    }

    private static Tensor New<TX, T>(TX x, T arguments, Func<TX, T, Raw> operation)
    {
        OperationCount.Current?.Operated();
        return Uncounted(x, arguments, operation);
    }

    private static Tensor Uncounted<TX, T>(TX x, T arguments, Func<TX, T, Raw> operation) => Owning(Call(x, arguments, operation));

    private static Tensor View<T>(Raw x, T arguments, Func<Raw, T, Raw> operation) => new(Call(x, arguments, operation));

    private static Tensor Owning(Raw raw)
    {
        var made = new Tensor(raw);
        if (OperationCount.Current is not { } count) return made;
        (made._count, made._bytes) = (count, raw.numel() * raw.element_size());
        count.Made(made._bytes);
        StayAlive(raw);
        return made;
    }

    private static Raw Call<TX, T>(TX x, T arguments, Func<TX, T, Raw> operation)
    {
        try
        {
            return operation(x, arguments);
        }
        catch (ExternalException whole)
        {
            throw LibtorchException.Of(whole);
        }
        finally
        {
            StayAlive(x);
            StayAlive(arguments);
        }
    }

    // As GC.KeepAlive, without boxing tuples.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StayAlive<T>(T _) { }
}
