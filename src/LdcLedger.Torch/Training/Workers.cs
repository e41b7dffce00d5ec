using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// The passes of a run, one per thread. A micro-batch is cut into pieces of as many rows as the arithmetic takes at a time, always the same
/// ones, and their gradients are summed in order: so a result does not depend on how many threads there are.
/// </summary>
internal sealed class Workers : IDisposable
{
    private readonly Pass[] _passes;
    private readonly ITokenRows _data;
    private readonly FrozenPrefix? _prefix;
    private readonly FlatRows? _shared;
    private readonly Arithmetic _arithmetic;
    private readonly Sum _nats;
    private readonly MemoryRoom _room;
    private readonly int _threads;

    /// <param name="room">For this run, or this evaluation.</param>
    public Workers(MemoryRoom room, BaseModel model, ITokenRows data, int batchRows, int threads, TrainedLayout? layout,
        FlatRows? parameters, bool train, double dropout = 0, FrozenPrefix? prefix = null, FlatRows? gradients = null)
    {
        (_room, _data, _prefix, _threads) = (room, data, prefix, threads);
        var positions = PositionsOf(data, model.Config);
        _arithmetic = model.NewArithmetic();
        _nats = _arithmetic.NewSum();
        Rows = PieceRows(_arithmetic, batchRows, data.Length);
        var pieces = (batchRows + Rows - 1) / Rows;
        if (prefix is not null && layout is not null && prefix.Layer > layout.LowestLayer)
            throw new ArgumentException(
                $"A run that trains layer {layout.LowestLayer} cannot use the activations that enter layer {prefix.Layer}.",
                nameof(prefix));
        var passes = PassesOf(model.ParallelByRows, threads, pieces);
        _shared = SharesGradients(_arithmetic, layout, passes) ? gradients : null;
        _passes = [.. Enumerable.Range(0, passes).Select(_ => room.Within(
            () => new Pass(model, Rows, data.Length, positions, layout, parameters, train, dropout, _shared)))];
    }

    /// <summary>Rows of a piece.</summary>
    public int Rows { get; }

    public static int PieceRows(Arithmetic arithmetic, int batchRows, int length) =>
        Math.Clamp(arithmetic.PassTokens / length, 1, batchRows);

    public static int PassesOf(bool parallelByRows, int threads, int pieces) => parallelByRows ? Math.Min(threads, pieces) : 1;

    /// <summary>Whether the only pass adds to the sum itself, which a large model has room for once.</summary>
    public static bool SharesGradients(Arithmetic arithmetic, TrainedLayout? layout, int passes) =>
        passes == 1 && layout?.AddsOnce == true && arithmetic.AddsToMasters;

    /// <summary>Where the threads' time went, together.</summary>
    public StepTimes Times => _passes.Aggregate(new StepTimes(), (sum, pass) => sum.Plus(pass.Times));

    /// <summary>Adds the nats of some rows' scored tokens to a sum, those of each piece in order.</summary>
    public void AddLoss(ReadOnlySpan<int> rows, Sum to)
    {
        _nats.Zero();
        InOrder(Pieces(rows), (pass, batch) => pass.Loss(batch, _prefix), pass => _nats.Add(pass.Nats));
        to.Add(_nats);
    }

    /// <summary>
    /// Adds the nats of a micro-batch to a sum; gradients of nats x scale are added to <paramref name="gradients"/>, those that were given
    /// at first.
    /// </summary>
    public void AddLossAndGradients(ReadOnlySpan<int> rows, float scale, DropoutKey dropout, Sum to, FlatRows gradients)
    {
        _nats.Zero();
        InOrder(Pieces(rows), (pass, batch) =>
        {
            if (_shared is null) pass.Gradients.Zero(_arithmetic);
            pass.LossAndGradients(batch, scale, dropout, _prefix);
        }, pass =>
        {
            _nats.Add(pass.Nats);
            if (_shared is null) pass.Gradients.AddTo(gradients, _arithmetic);
        });
        to.Add(_nats);
    }

    /// <summary>How far positions reach, once it is sure that the rows hold nothing that the model does not know.</summary>
    /// <exception cref="InvalidInputException">A token or a position out of range, or rows of different sizes.</exception>
    internal static int PositionsOf(ITokenRows data, ModelConfig config)
    {
        var extent = data.Extent;
        foreach (var id in (int[])[extent.LeastId, extent.LargestId])
            if (data.Rows > 0 && (id < 0 || id >= config.Vocab))
                throw new InvalidInputException(
                    $"Token {id} is outside the model's vocabulary of {config.Vocab}; the tokenizer is of another model.");
        foreach (var label in (int[])[extent.LeastLabel, extent.LargestLabel])
            if (extent.LargestLabel != int.MinValue && (label < 0 || label >= config.Vocab))
                throw new InvalidInputException($"Label {label} is outside the model's vocabulary of {config.Vocab}; "
                    + $"{PackedRows.NotScored} means that a token is not scored.");
        if (extent.LeastPosition < 0) throw new InvalidInputException($"Position {extent.LeastPosition} is below 0.");
        return Math.Max(extent.LargestPosition, 0) + 1;
    }

    private List<TokenBatch> Pieces(ReadOnlySpan<int> rows)
    {
        List<TokenBatch> pieces = [];
        for (var from = 0; from < rows.Length; from += Rows)
            pieces.Add(TokenBatch.Of(_data, rows.Slice(from, Math.Min(Rows, rows.Length - from)), Rows, from * _data.Length));
        return pieces;
    }

    private void InOrder(List<TokenBatch> pieces, Action<Pass, TokenBatch> work, Action<Pass> take)
    {
        for (var from = 0; from < pieces.Count; from += _passes.Length)
        {
            var some = Math.Min(_passes.Length, pieces.Count - from);
            void One(int i) => _room.Within(() =>
            {
                _passes[i].UseThreads(_threads);
                using var scope = _passes[i].StepScope();
                work(_passes[i], pieces[from + i]);
            });
            if (some == 1) One(0);
            else Parallel.For(0, some, new ParallelOptions { MaxDegreeOfParallelism = some }, One);
            for (var i = 0; i < some; i++) take(_passes[i]);
        }
    }

    public void Dispose()
    {
        foreach (var pass in _passes) pass.Dispose();
        _nats.Dispose();
        _arithmetic.Dispose();
    }
}
