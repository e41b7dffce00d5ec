using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

// One document after another, with its scores written out: [heads, L, L] at a time. Grouped keys are repeated for their queries.
internal sealed partial class AtenArithmetic
{
    public override void Attend(in AttentionShape shape, ReadOnlySpan<Document> documents, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l)
    {
        foreach (var document in documents)
        {
            using var scope = Tensor.NewScope();
            var probabilities = Probabilities(shape, document, Heads(q, document, shape.Heads, shape), Repeated(k, document, shape),
                out var sums);
            Heads(o, document, shape.Heads, shape).copy_(probabilities.bmm(Repeated(v, document, shape)));
            l.Tensor!.narrow(0, document.Start, document.Length).copy_(sums.squeeze(2).t());
        }
    }

    public override void AttendBackward(
        in AttentionShape shape, ReadOnlySpan<Document> documents, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l, Matrix dO, Matrix dq,
        Matrix dk, Matrix dv)
    {
        foreach (var document in documents)
        {
            using var scope = Tensor.NewScope();
            Tensor queries = Heads(q, document, shape.Heads, shape).contiguous(), keys = Repeated(k, document, shape),
                values = Repeated(v, document, shape);
            Tensor gradient = Heads(dO, document, shape.Heads, shape).contiguous(), output = Heads(o, document, shape.Heads, shape);
            var p = Probabilities(shape, document, queries, keys, out _);                                          // (heads, L, L)
            var dScores = gradient.bmm(values.transpose(1, 2)).sub_(gradient.mul(output).sum(2, keepdim: true)).mul_(p).mul_(shape.Scale);
            Heads(dq, document, shape.Heads, shape).copy_(dScores.bmm(keys));
            Heads(dk, document, shape.KvHeads, shape).copy_(Gathered(dScores.transpose(1, 2).bmm(queries), document, shape));
            Heads(dv, document, shape.KvHeads, shape).copy_(Gathered(p.transpose(1, 2).bmm(gradient), document, shape));
        }
    }

    private Tensor Probabilities(in AttentionShape shape, Document document, Tensor queries, Tensor keys, out Tensor sums)
    {
        var scores = queries.bmm(keys.transpose(1, 2)).mul_(shape.Scale);
        scores.fill_unless_(Tensor.CausalMask(document.Length, shape.Window, device), double.NegativeInfinity);
        sums = scores.logsumexp(2, keepdim: true);
        return scores.sub_(sums).exp_();
    }

    /// <summary>(heads, L, head_dim), a view.</summary>
    private static Tensor Heads(Matrix x, Document document, int heads, in AttentionShape shape) =>
        x.Tensor!.narrow(0, document.Start, document.Length).view(document.Length, heads, shape.HeadDim).transpose(0, 1);

    private static Tensor Repeated(Matrix x, Document document, in AttentionShape shape) =>
        Heads(x, document, shape.KvHeads, shape).repeat_interleave(shape.Heads / shape.KvHeads, 0);

    /// <summary>Sums over the queries that share a key.</summary>
    private static Tensor Gathered(Tensor perQuery, Document document, in AttentionShape shape) =>
        perQuery.view(shape.KvHeads, shape.Heads / shape.KvHeads, document.Length, shape.HeadDim).sum(1);
}
