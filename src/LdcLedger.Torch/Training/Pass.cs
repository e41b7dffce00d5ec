using System.Diagnostics;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// One thread's way through a model: forward, loss and backward over a fixed number of rows, in memory that is laid out once. Gradients
/// exist only for what is trained, and nothing is kept or computed backwards below the lowest of it.
/// </summary>
internal sealed class Pass : IDisposable
{
    private readonly CausalModel _model;
    private readonly Arithmetic _arithmetic;
    private readonly IReadOnlyDictionary<LayerKind, RopeTable> _ropes;
    private readonly TrainedSite?[][] _sites;
    private readonly BlockTape[] _tapes;
    private readonly Matrix[] _inputs;                             // of each block; the last is the output of them all
    private readonly List<IDisposable> _owned = [];
    private readonly BlockScratch _scratch;
    private readonly Matrix _d, _taken, _normed, _rms, _logits, _dTaken;
    private readonly FlatRows? _parameters, _shadows;

    /// <param name="positions">Positions that documents may reach.</param>
    /// <param name="parameters">What is trained, shared by the passes of a run; null for the base alone.</param>
    /// <param name="train">Whether <see cref="LossAndGradients"/> will be called.</param>
    /// <param name="gradients">Whose they are to be added to; null: rows of its own.</param>
    public Pass(BaseModel model, int rows, int length, int positions, TrainedLayout? layout, FlatRows? parameters, bool train,
        double dropout = 0, FlatRows? gradients = null)
    {
        (_model, Rows) = (model.Model, rows);
        var config = _model.Config;
        var a = _arithmetic = Own(model.NewArithmetic());
        Tokens = rows * length;
        _ropes = config.Ropes.ToDictionary(rope => rope.Key, rope => new RopeTable(rope.Value, positions));
        Nats = Own(a.NewSum());
        // Rows that a pass adds to once are no views of what evaluation uses.
        int[] sizes = layout is null || layout.AddsOnce && !train ? [] : [.. layout.RowSizes];
        Gradients = gradients ?? Own(new FlatRows([.. sizes.Select(size => a.NewActivations(1, size))]));
        (_parameters, _shadows) = (parameters, parameters is null ? null : new FlatRows([.. parameters.Rows.Select(a.ShadowOf)]));
        foreach (var (_, shadow) in Shadowed()) Own(shadow);
        Lowest = layout?.LowestLayer ?? config.Layers;
        _sites = [.. Enumerable.Range(0, config.Layers)
            .Select(layer => layout?.SitesOf(layer, _shadows!, Gradients, a, Tokens, dropout) ?? new TrainedSite?[LoraSite.Count])];
        foreach (var site in _sites.SelectMany(sites => sites)) if (site is not null) Own(site);
        _scratch = Own(new BlockScratch(a, config, Tokens, train));

        // Where nothing is kept for a backward pass, the blocks take turns with one tape and two inputs.
        var passing = Own(_model.Blocks[0].NewTape(a, Tokens));
        Matrix[] turns = [Own(a.NewActivations(Tokens, config.Hidden)), Own(a.NewActivations(Tokens, config.Hidden))];
        var kept = train ? Lowest : config.Layers + 1;
        _tapes = [.. _model.Blocks.Select((block, layer) => layer < kept ? passing : Own(block.NewTape(a, Tokens)))];
        _inputs = [.. Enumerable.Range(0, config.Layers + 1)
            .Select(layer => layer < kept ? turns[layer % 2] : Own(a.NewActivations(Tokens, config.Hidden)))];
        _d = Own(a.NewActivations(train ? Tokens : 0, config.Hidden));

        // Logits exist for some scored tokens at a time only.
        var chunk = Math.Min(Tokens, a.LogitRows(config.Vocab));
        (_taken, _normed, _dTaken) = (Own(a.NewActivations(chunk, config.Hidden)), Own(a.NewActivations(chunk, config.Hidden)),
            Own(a.NewActivations(chunk, config.Hidden)));
        (_rms, _logits) = (Own(a.NewMatrix(chunk, 1)), Own(a.NewActivations(chunk, config.Vocab)));
    }

    /// <summary>Where this thread's time went.</summary>
    public StepTimes Times { get; } = new();

    /// <summary>Rows of a batch.</summary>
    public int Rows { get; }

    public int Tokens { get; }

    /// <summary>The lowest layer of which something is trained.</summary>
    public int Lowest { get; }

    /// <summary>Of what is trained; added to by <see cref="LossAndGradients"/>.</summary>
    public FlatRows Gradients { get; }

    public void UseThreads(int threads) => _arithmetic.UseThreads(threads);

    public IDisposable? StepScope() => _arithmetic.StepScope();

    /// <summary>Of the scored tokens of the batch before.</summary>
    public Sum Nats { get; }

    /// <summary>Nats of the scored tokens; <paramref name="nats"/> those of each, in order.</summary>
    public void Loss(TokenBatch batch, FrozenPrefix? prefix = null, Span<float> nats = default)
    {
        Forward(batch, default, prefix);
        Score(batch, gradientScale: null, nats);
    }

    /// <summary>Nats; gradients of nats x scale are added to <see cref="Gradients"/>.</summary>
    public void LossAndGradients(TokenBatch batch, float gradientScale, DropoutKey dropout, FrozenPrefix? prefix = null)
    {
        var started = Stopwatch.GetTimestamp();
        Forward(batch, dropout, prefix);
        var forwarded = Stopwatch.GetTimestamp();
        _arithmetic.Zero(_d);
        Score(batch, gradientScale, default);
        var scored = Stopwatch.GetTimestamp();
        for (var layer = _model.Blocks.Count - 1; layer >= Lowest; layer--)
            _model.Blocks[layer].Backward(Run(batch, layer, dropout), _inputs[layer], _tapes[layer], _d, lowest: layer == Lowest);
        Times.Add(forwarded - started, scored - forwarded, Stopwatch.GetTimestamp() - scored);
    }

    /// <summary>
    /// Hidden states before and after every block, the last after the final norm, and the logits [tokens, vocab]: what reference cases look
    /// at.
    /// </summary>
    public (IReadOnlyList<float[]> Hidden, float[] Logits) Inspect(TokenBatch batch)
    {
        List<float[]> hidden = [];
        Forward(batch, default, null, hidden);
        var all = new float[(long)Tokens * _model.Config.Vocab];
        var last = new float[(long)Tokens * _model.Config.Hidden];
        for (var from = 0; from < Tokens; from += _taken.Rows)
        {
            var some = Math.Min(_taken.Rows, Tokens - from);
            Normalise(_inputs[^1].View(from, some, 0, _model.Config.Hidden));
            _normed.Top(some).ToArray().CopyTo(last, (long)from * _model.Config.Hidden);
            _arithmetic.Apply(_model.Head, _normed.Top(some), _logits.Top(some));
            _logits.Top(some).ToArray().CopyTo(all, (long)from * _model.Config.Vocab);
        }
        hidden[^1] = last;
        return (hidden, all);
    }

    private void Forward(TokenBatch batch, DropoutKey dropout, FrozenPrefix? prefix, List<float[]>? hidden = null)
    {
        _arithmetic.Place(batch);
        foreach (var (master, shadow) in Shadowed()) _arithmetic.Copy(master, shadow);
        var first = prefix is not null && prefix.TryRead(batch.Rows, _inputs[prefix.Layer]) ? prefix.Layer : 0;
        if (first == 0) _arithmetic.Embed(_model.Embedding, batch, (float)_model.Config.EmbeddingScale, _inputs[0]);
        hidden?.Add(_inputs[0].ToArray());
        for (var layer = first; layer < _model.Blocks.Count; layer++)
        {
            if (layer == prefix?.Layer && first < layer) prefix.Write(batch.Rows, _inputs[layer]);
            _model.Blocks[layer].Forward(Run(batch, layer, dropout), _inputs[layer], _inputs[layer + 1], _tapes[layer]);
            hidden?.Add(_inputs[layer + 1].ToArray());
        }
    }

    private void Score(TokenBatch batch, float? gradientScale, Span<float> nats)
    {
        Nats.Zero();
        for (var from = 0; from < batch.Scored.Length; from += _taken.Rows)
        {
            var some = Math.Min(_taken.Rows, batch.Scored.Length - from);
            Matrix taken = _taken.Top(some), normed = _normed.Top(some), logits = _logits.Top(some), dTaken = _dTaken.Top(some);
            _arithmetic.TakeScored(_inputs[^1], batch, from, taken);
            Normalise(taken);
            _arithmetic.Apply(_model.Head, normed, logits);
            _arithmetic.CrossEntropy(logits, batch, from, gradientScale, Nats, nats.IsEmpty ? default : nats.Slice(from, some));
            if (gradientScale is null) continue;
            _arithmetic.ApplyBackward(_model.Head, logits, normed);
            _arithmetic.RmsNormBackward(taken, _model.FinalNorm, _rms.Top(some), normed, dTaken);
            _arithmetic.PutScored(dTaken, batch, from, _d);
        }
    }

    private void Normalise(Matrix rows) => _arithmetic.RmsNorm(rows, _model.FinalNorm, _model.Config.RmsNormEps, _normed.Top(rows.Rows),
        _rms.Top(rows.Rows));

    /// <summary>Trained numbers that products do not find where they are kept.</summary>
    private IEnumerable<(Matrix Master, Matrix Shadow)> Shadowed() => _parameters is null ? []
        : _parameters.Rows.Zip(_shadows!.Rows).Where(pair => !ReferenceEquals(pair.First, pair.Second));

    private BlockRun Run(TokenBatch batch, int layer, DropoutKey dropout) =>
        new(_arithmetic, batch, _ropes[_model.Config.LayerKinds[layer]], _sites[layer], _scratch, dropout);

    private T Own<T>(T made) where T : IDisposable
    {
        _owned.Add(made);
        return made;
    }

    public void Dispose()
    {
        foreach (var made in _owned.AsEnumerable().Reverse()) made.Dispose();
    }
}
