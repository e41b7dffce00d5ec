using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Parameter = TorchSharp.Modules.Parameter;
using Tensor = TorchSharp.torch.Tensor;

// TorchSharp as its users write it is what is measured here; its own optimizer converts numbers unguarded, too.
#pragma warning disable RS0030

namespace LdcLedger.Bench.Training;

/// <summary>
/// The straightforward way to the same training, which benchmarks measure against: per-projection adapters on frozen linears, automatic
/// differentiation, scaled_dot_product_attention with a mask where rows hold several documents, full logits, the library's AdamW. What PEFT
/// does, in libtorch's own operations and with all its threads: no tricks, and no handicap either.
/// </summary>
internal sealed class AutogradTraining : IDisposable
{
    private readonly BaseModel _model;
    private readonly ModelConfig _config;
    private readonly AdapterLayout _layout;
    private readonly TrainingOptions _options;
    private readonly Dictionary<(int Layer, string Projection), (Tensor W, Parameter? A, Parameter? B, double Scale)> _linears = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<LayerKind, (Tensor Cos, Tensor Sin)> _ropes = [];
    private readonly optim.Optimizer _optimizer;
    private readonly int _threads;

    /// <param name="model">Loaded for ATen.</param>
    public AutogradTraining(BaseModel model, LoraOptions lora, TrainingOptions options, int length, int threads)
    {
        (_model, _config, _options, _threads) = (model, model.Config, options, threads);
        _layout = AdapterLayout.For(_config, lora);
        var initial = _layout.Unflatten(_layout.Initial(options.Seed)).Modules.ToDictionary(module => (module.Layer, module.Projection));
        foreach (var layer in Enumerable.Range(0, _config.Layers))
            foreach (var name in ModelConfig.ProjectionNames)
            {
                var weight = Weight(layer, name);
                if (!initial.TryGetValue((layer, name), out var module))
                {
                    _linears[(layer, name)] = (weight, null, null, 0);
                    continue;
                }
                Parameter a = new(tensor(module.A, [lora.Rank, module.InFeatures]).to(weight.device)),
                    b = new(tensor(module.B, [module.OutFeatures, lora.Rank]).to(weight.device));
                _parameters.AddRange([a, b]);
                _linears[(layer, name)] = (weight, a, b, lora.Alpha / lora.Rank);
            }
        foreach (var (kind, frequencies) in _config.Ropes)
        {
            using var scope = NewDisposeScope();
            var angles = outer(arange(length, float32), tensor(frequencies));
            var both = cat([angles, angles], 1).to(Embedding.device);                                              // (T, d)
            _ropes[kind] = (both.cos().MoveToOuterDisposeScope(), both.sin().MoveToOuterDisposeScope());
        }
        _optimizer = optim.AdamW(_parameters, options.LearningRate, options.Beta1, options.Beta2, options.Eps, options.WeightDecay);
    }

    private Tensor Embedding => ((DenseDeviceWeight)_model.Model.Embedding).Values.Raw;

    /// <summary>One step; its mean nats per scored token.</summary>
    public double Step(ITokenRows data, ReadOnlySpan<int> rows)
    {
        set_num_threads(_threads);
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Of(data, rows, rows.Length);
        _optimizer.zero_grad();
        var loss = F.cross_entropy(Logits(batch, data.Length), Targets(batch), reduction: TorchSharp.torch.nn.Reduction.Mean,
            ignore_index: PackedRows.NotScored);
        loss.backward();
        TorchSharp.torch.nn.utils.clip_grad_norm_(_parameters, _options.MaxGradNorm);
        _optimizer.step();
        return loss.cpu().item<float>();
    }

    private Tensor Targets(TokenBatch batch)
    {
        var targets = Enumerable.Repeat((long)PackedRows.NotScored, batch.Ids.Length).ToArray();
        for (var i = 0; i < batch.Scored.Length; i++) targets[batch.Scored[i]] = batch.Targets[i];
        return tensor(targets).to(Embedding.device);
    }

    // n: rows; t: length; h: hidden; d: head_dim
    private Tensor Logits(TokenBatch batch, int length)
    {
        var device = Embedding.device;
        var n = batch.Ids.Length / length;
        var positions = tensor(batch.Positions.Select(p => (long)p).ToArray()).to(device);
        var x = Embedding.index_select(0, tensor(batch.Ids.Select(id => (long)id).ToArray()).to(device)).view(n, length, -1).to(float32);
        if (_config.EmbeddingScale != 1) x = x * _config.EmbeddingScale;                                          // (n, t, h)
        var masks = Masks(batch, length, n);
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            var block = _model.Model.Blocks[layer];
            var (cos, sin) = _ropes[_config.LayerKinds[layer]];
            Tensor c = cos.index_select(0, positions).view(n, 1, length, -1), s = sin.index_select(0, positions).view(n, 1, length, -1);
            var mask = masks[_config.LayerKinds[layer]];
            x = block switch
            {
                LlamaBlock llama => Llama(llama, x, layer, c, s, mask),
                Gemma3Block gemma => Gemma3(gemma, x, layer, c, s, mask),
                _ => throw new NotSupportedException($"The family {_config.Family.Title} has no baseline to measure against."),
            };
        }
        x = Norm(x, _model.Model.FinalNorm);
        return F.linear(x, ((DenseDeviceWeight)_model.Model.Head).Values.Raw.to(float32)).view(-1, _config.Vocab);          // (n t, vocab)
    }

    private Tensor Llama(LlamaBlock block, Tensor x, int layer, Tensor cos, Tensor sin, Tensor mask)
    {
        x = x + Attention(Norm(x, block.InputNorm), layer, cos, sin, mask, null, null);
        var normed = Norm(x, block.PostAttentionNorm);
        return x + Linear(F.silu(Linear(normed, layer, "gate_proj")) * Linear(normed, layer, "up_proj"), layer, "down_proj");
    }

    private Tensor Gemma3(Gemma3Block block, Tensor x, int layer, Tensor cos, Tensor sin, Tensor mask)
    {
        x = x + Norm(Attention(Norm(x, block.InputNorm), layer, cos, sin, mask, block.QueryNorm, block.KeyNorm), block.PostAttentionNorm);
        var normed = Norm(x, block.PreMlpNorm);
        return x + Norm(Linear(Gelu(Linear(normed, layer, "gate_proj")) * Linear(normed, layer, "up_proj"), layer, "down_proj"),
            block.PostMlpNorm);
    }

    private Tensor Attention(Tensor x, int layer, Tensor cos, Tensor sin, Tensor mask, Matrix? queryNorm, Matrix? keyNorm)
    {
        long n = x.shape[0], t = x.shape[1];
        // (n, heads, t, d)
        Tensor Heads(string name, int heads) => Linear(x, layer, name).view(n, t, heads, _config.HeadDim).transpose(1, 2);
        Tensor q = Heads("q_proj", _config.Heads), k = Heads("k_proj", _config.KvHeads), v = Heads("v_proj", _config.KvHeads);
        if (queryNorm is not null) (q, k) = (Norm(q, queryNorm), Norm(k, keyNorm!));
        (q, k) = (q * cos + Turned(q) * sin, k * cos + Turned(k) * sin);
        if (_config.KvHeads < _config.Heads)
            (k, v) = (k.repeat_interleave(_config.Heads / _config.KvHeads, 1), v.repeat_interleave(_config.Heads / _config.KvHeads, 1));
        // The library's scale is 1 / sqrt(d); another one goes into the queries.
        var rescale = _config.AttentionScale * Math.Sqrt(_config.HeadDim);
        if (Math.Abs(rescale - 1) > 1e-12) q = q * rescale;
        var o = F.scaled_dot_product_attention(q, k, v, mask);
        return Linear(o.transpose(1, 2).reshape(n, t, -1), layer, "o_proj");
    }

    private Tensor Linear(Tensor x, int layer, string name)
    {
        var (w, a, b, scale) = _linears[(layer, name)];
        var y = F.linear(x, w.dtype == float32 ? w : w.to(float32));
        return a is null ? y : y + F.linear(F.linear(x, a), b!) * scale;
    }

    private Tensor Norm(Tensor x, Matrix weight) =>
        x * rsqrt(x.pow(2).mean([-1], keepdim: true) + _config.RmsNormEps) * weight.Tensor!.Raw.view(-1);

    private static Tensor Turned(Tensor x)
    {
        var half = x.shape[^1] / 2;
        return cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
    }

    private static Tensor Gelu(Tensor x) => 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x.pow(3))));

    /// <summary>(n, 1, t, t): which keys a query sees, in its document and its window.</summary>
    private Dictionary<LayerKind, Tensor> Masks(TokenBatch batch, int length, int n)
    {
        var document = new long[batch.Ids.Length];
        for (var d = 0; d < batch.Documents.Length; d++) Array.Fill(document, d, batch.Documents[d].Start, batch.Documents[d].Length);
        var of = tensor(document, [n, length]);
        var before = ones(length, length, ScalarType.Bool).tril_(0);
        var seen = of.unsqueeze(2).eq(of.unsqueeze(1)).logical_and_(before).unsqueeze(1).to(Embedding.device);
        var masks = new Dictionary<LayerKind, Tensor> { [LayerKind.Global] = seen };
        if (_config.SlidingWindow is { } window) masks[LayerKind.Local] = window >= length ? seen : seen.triu(1 - window);
        return masks;
    }

    private Tensor Weight(int layer, string name)
    {
        var (weight, row, rows) = _model.Find(layer, name);
        return ((DenseDeviceWeight)weight).Values.Raw.narrow(0, row, rows);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var parameter in _parameters) parameter.Dispose();
        foreach (var (weight, _, _, _) in _linears.Values) weight.Dispose();
        foreach (var (cos, sin) in _ropes.Values)
        {
            cos.Dispose();
            sin.Dispose();
        }
    }
}
