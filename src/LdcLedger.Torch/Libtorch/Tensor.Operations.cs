using TorchSharp;

namespace LdcLedger.Torch.Libtorch;

// Operations that TorchSharp calls.
internal sealed partial class Tensor
{
    public Tensor to(Dtype type) => New(_raw, Of(type), static (x, type) => x.to(type));

    /// <summary>Itself where its elements lie one after another, else a copy in which they do.</summary>
    public Tensor contiguous() => New(_raw, 0, static (x, _) => x.contiguous());

    // Products

    public Tensor mm(Tensor b) => New(_raw, b._raw, static (x, b) => x.mm(b));

    /// <summary>this = beta this + alpha a b.</summary>
    public Tensor addmm_(Tensor a, Tensor b, float beta, float alpha) =>
        InPlace((a: a._raw, b: b._raw, beta, alpha), static (x, p) => x.addmm_(p.a, p.b, p.beta, p.alpha));

    // Element by element

    public Tensor add(Tensor y) => New(_raw, y._raw, static (x, y) => x.add(y, One));

    public Tensor add_(Tensor y) => InPlace(y._raw, static (x, y) => x.add_(y, One));

    public Tensor add_(double number) => InPlaceWithNumber(number, 0, static (x, _, n) => x.add_(n, One));

    public Tensor sub_(Tensor y) => InPlace(y._raw, static (x, y) => x.sub_(y));

    public Tensor mul(Tensor y) => New(_raw, y._raw, static (x, y) => x.mul(y));

    public Tensor mul_(Tensor y) => InPlace(y._raw, static (x, y) => x.mul_(y));

    public Tensor mul_(double number) => InPlaceWithNumber(number, 0, static (x, _, n) => x.mul_(n));

    /// <summary>this += factor a b.</summary>
    public Tensor addcmul_(Tensor a, Tensor b, double factor) =>
        InPlaceWithNumber(factor, (a: a._raw, b: b._raw), static (x, p, factor) => x.addcmul_(p.a, p.b, factor));

    public Tensor rsqrt_() => InPlace(0, static (x, _) => x.rsqrt_());

    public Tensor exp_() => InPlace(0, static (x, _) => x.exp_());

    public Tensor zero_() => InPlaceWithNumber(0, 0, static (x, _, zero) => x.fill_(zero));

    public Tensor copy_(Tensor y) => InPlace(y._raw, static (x, y) => x.copy_(y));

    /// <summary>The same from host memory.</summary>
    public Tensor Upload_(Tensor local)
    {
        OperationCount.Current?.Uploaded(local._raw.numel() * local._raw.element_size());
        return copy_(local);
    }

    // Rows and sums

    public Tensor index_copy_(int dim, Tensor index, Tensor y) =>
        InPlace((dim, index: index._raw, y: y._raw), static (x, a) => x.index_copy_(a.dim, a.index, a.y));

    /// <summary>this[index] += factor y.</summary>
    public Tensor index_add_(int dim, Tensor index, Tensor y, double factor) => InPlaceWithNumber(
        factor, (dim, index: index._raw, y: y._raw), static (x, a, factor) => x.index_add_(a.dim, a.index, a.y, factor));

    /// <summary>Of all elements, in fp64.</summary>
    public Tensor sum() => New(_raw, 0, static (x, _) => x.sum(torch.ScalarType.Float64));

    public Tensor sum(int dim) => New(_raw, dim, static (x, dim) => x.sum(dim));

    public Tensor mean(int dim, bool keepdim = false) => New(_raw, (dim, keepdim), static (x, a) => x.mean([a.dim], a.keepdim));

    /// <summary>One below the other.</summary>
    public static Tensor stack(Tensor a, Tensor b) => New(a._raw, b._raw, static (a, b) => torch.stack(new[] { a, b }, 0));
}
