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
/// Results belong to the thread's innermost scope (<see cref="NewScope"/>), which frees them.
/// </summary>
internal sealed class Tensor : IDisposable
{
    private readonly Raw _raw;

    private Tensor(Raw raw) => _raw = raw;

    /// <summary>TorchSharp's tensor, for code that measures TorchSharp itself.</summary>
    internal Raw Raw => _raw;

    /// <summary>Tensors alive in the process, views included.</summary>
    public static long LiveCount => Raw.TotalCount;

    /// <summary>Frees, when disposed, every tensor that this thread makes until then.</summary>
    public static IDisposable NewScope() => torch.NewDisposeScope();

    /// <summary>Takes it out of the scopes: it lives until it is disposed.</summary>
    public Tensor Kept()
    {
        _raw.DetachFromDisposeScope();
        return this;
    }

    public void Dispose() => _raw.Dispose();

    // Making them

    public static Tensor zeros(int rows, int columns, Device device) =>
        New(device, (rows, columns), static (device, size) => torch.zeros(size.rows, size.columns, torch.float32, device.Raw));

    public static Tensor empty(int rows, int columns, Dtype type, Device device) =>
        New(device, (rows, columns, type), static (device, a) => torch.empty(a.rows, a.columns, Of(a.type), device.Raw));

    /// <summary>Normally distributed, from libtorch's own generator.</summary>
    public static Tensor randn(int rows, int columns, Device device) =>
        New(device, (rows, columns), static (device, size) => torch.randn(size.rows, size.columns, torch.float32, device.Raw));

    /// <summary>A copy of some numbers, on the CPU.</summary>
    public static Tensor Of(float[] values, params long[] shape) =>
        New(values, shape, static (values, shape) => torch.tensor(values, shape));

    /// <summary>Places or ids, [values], on a device.</summary>
    public static Tensor Of(long[] values, Device device) => New(values, device, static (values, device) =>
    {
        using var local = torch.tensor(values);
        return local.to(device.Raw);
    });

    /// <summary>Bytes, [values], on a device.</summary>
    public static Tensor Of(byte[] values, Device device) => New(values, device, static (values, device) =>
    {
        using var local = torch.tensor(values);
        return local.to(device.Raw);
    });

    /// <summary>All elements the same.</summary>
    public static Tensor full(int rows, int columns, double value, Device device)
    {
        using var number = value.ToScalar();
        return New(device, (rows, columns, number),
            static (device, a) => torch.full(a.rows, a.columns, a.number, torch.float32, device.Raw));
    }

    /// <summary>
    /// True where a query of a causal row sees a key: [length, length], with at most <paramref name="window"/> keys each.
    /// </summary>
    public static Tensor CausalMask(int length, int window, Device device) => New(device, (length, window), static (device, a) =>
    {
        using var all = torch.ones(a.length, a.length, torch.ScalarType.Bool, device.Raw);
        var seen = all.tril(0);
        if (a.window >= a.length)
            return seen;
        using (seen)
            return seen.triu(1 - a.window);
    });

    // Shapes and places

    public bool IsBrainFloatOnCpu => Read(raw => raw.dtype == torch.ScalarType.BFloat16 && raw.device_type == DeviceType.CPU);

    public bool IsFloat32 => Read(raw => raw.dtype == torch.ScalarType.Float32);

    public IReadOnlyList<long> Shape => Read(raw => raw.shape);

    private T Read<T>(Func<Raw, T> property)
    {
        var value = property(_raw);
        StayAlive(_raw);
        return value;
    }

    public Tensor t() => New(_raw, 0, static (x, _) => x.t());

    public Tensor alias() => New(_raw, 0, static (x, _) => x.alias());

    public Tensor clone() => New(_raw, 0, static (x, _) => x.clone());

    public Tensor contiguous() => New(_raw, 0, static (x, _) => x.contiguous());

    public Tensor view(params long[] shape) => New(_raw, shape, static (x, shape) => x.view(shape));

    public Tensor reshape(params long[] shape) => New(_raw, shape, static (x, shape) => x.reshape(shape));

    public Tensor narrow(int dim, long start, long length) =>
        New(_raw, (dim, start, length), static (x, a) => x.narrow(a.dim, a.start, a.length));

    public Tensor select(int dim, int at) => New(_raw, (dim, at), static (x, a) => x.select(a.dim, a.at));

    public Tensor transpose(int one, int other) => New(_raw, (one, other), static (x, a) => x.transpose(a.one, a.other));

    public Tensor squeeze(int dim) => New(_raw, dim, static (x, dim) => x.squeeze(dim));

    public Tensor unsqueeze(int dim) => New(_raw, dim, static (x, dim) => x.unsqueeze(dim));

    public Tensor repeat_interleave(int repeats, int dim) =>
        New(_raw, (repeats, dim), static (x, a) => x.repeat_interleave(a.repeats, a.dim));

    public Tensor to(Dtype type) => New(_raw, Of(type), static (x, type) => x.to(type));

    /// <summary>As another tensor's elements are.</summary>
    public Tensor to_type_of(Tensor other) => New(_raw, other._raw, static (x, other) => x.to(other.dtype));

    public Tensor to(Device device) => New(_raw, device, static (x, device) => x.to(device.Raw));

    // Products

    public Tensor mm(Tensor b) => New(_raw, b._raw, static (x, b) => x.mm(b));

    public Tensor bmm(Tensor b) => New(_raw, b._raw, static (x, b) => x.bmm(b));

    /// <summary>this = beta this + alpha a b.</summary>
    public Tensor addmm_(Tensor a, Tensor b, float beta, float alpha) =>
        InPlace((a: a._raw, b: b._raw, beta, alpha), static (x, p) => x.addmm_(p.a, p.b, p.beta, p.alpha));

    // Element by element

    public Tensor add(Tensor y) => New(_raw, y._raw, static (x, y) => x.add(y, One));

    public Tensor add_(Tensor y) => InPlace(y._raw, static (x, y) => x.add_(y, One));

    public Tensor add(double number) => WithNumber(number, 0, static (x, _, n) => x.add(n, One));

    public Tensor add_(double number) => InPlaceWithNumber(number, 0, static (x, _, n) => x.add_(n, One));

    public Tensor sub(Tensor y) => New(_raw, y._raw, static (x, y) => x.sub(y));

    public Tensor sub_(Tensor y) => InPlace(y._raw, static (x, y) => x.sub_(y));

    public Tensor mul(Tensor y) => New(_raw, y._raw, static (x, y) => x.mul(y));

    public Tensor mul_(Tensor y) => InPlace(y._raw, static (x, y) => x.mul_(y));

    public Tensor mul(double number) => WithNumber(number, 0, static (x, _, n) => x.mul(n));

    public Tensor mul_(double number) => InPlaceWithNumber(number, 0, static (x, _, n) => x.mul_(n));

    public Tensor div(Tensor y) => New(_raw, y._raw, static (x, y) => x.div(y));

    public Tensor div_(double number) => InPlaceWithNumber(number, 0, static (x, _, n) => x.div_(n));

    public Tensor neg() => New(_raw, 0, static (x, _) => x.neg());

    public Tensor neg_() => InPlace(0, static (x, _) => x.neg_());

    public Tensor sqrt() => New(_raw, 0, static (x, _) => x.sqrt());

    public Tensor rsqrt_() => InPlace(0, static (x, _) => x.rsqrt_());

    public Tensor exp_() => InPlace(0, static (x, _) => x.exp_());

    public Tensor tanh_() => InPlace(0, static (x, _) => x.tanh_());

    public Tensor sigmoid() => New(_raw, 0, static (x, _) => x.sigmoid());

    /// <summary>Where the mask is false.</summary>
    public Tensor fill_unless_(Tensor mask, double number) => InPlaceWithNumber(number, mask._raw, static (x, mask, n) =>
    {
        using var others = mask.logical_not();
        return x.masked_fill_(others, n);
    });

    public Tensor zero_() => InPlaceWithNumber(0, 0, static (x, _, zero) => x.fill_(zero));

    public Tensor copy_(Tensor y) => InPlace(y._raw, static (x, y) => x.copy_(y));

    // Rows and sums

    public Tensor index_select(int dim, Tensor index) =>
        New(_raw, (dim, index: index._raw), static (x, a) => x.index_select(a.dim, a.index));

    public Tensor index_copy_(int dim, Tensor index, Tensor y) =>
        InPlace((dim, index: index._raw, y: y._raw), static (x, a) => x.index_copy_(a.dim, a.index, a.y));

    public Tensor gather(int dim, Tensor index) => New(_raw, (dim, index: index._raw), static (x, a) => x.gather(a.dim, a.index));

    public Tensor scatter_add_(int dim, Tensor index, Tensor y) =>
        InPlace((dim, index: index._raw, y: y._raw), static (x, a) => x.scatter_add_(a.dim, a.index, a.y));

    public Tensor sum() => New(_raw, 0, static (x, _) => x.sum());

    public Tensor sum(int dim, bool keepdim = false) => New(_raw, (dim, keepdim), static (x, a) => x.sum(a.dim, a.keepdim));

    public Tensor mean(int dim, bool keepdim = false) => New(_raw, (dim, keepdim), static (x, a) => x.mean([a.dim], a.keepdim));

    public Tensor logsumexp(int dim, bool keepdim = false) => New(_raw, (dim, keepdim), static (x, a) => x.logsumexp(a.dim, a.keepdim));

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

    private void Read<T>(Span<T> to) where T : unmanaged
    {
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
        var result = Call(_raw, arguments, operation);
        if (!ReferenceEquals(result, _raw)) result.Dispose();      // some return a second handle
        return this;
    }

    private static Tensor New<TX, T>(TX x, T arguments, Func<TX, T, Raw> operation) => new(Call(x, arguments, operation));

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
