using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Training;

namespace LdcLedger.Torch.Golden;

/// <summary>
/// Kind <c>logits</c>: every hidden state, the logits and the nll of a whole forward pass, by the code that studies train with.
/// </summary>
internal static class LogitsCase
{
    public static IReadOnlyList<GoldenCheck> Verify(GoldenCase golden, Func<string, BaseModel> load)
    {
        var root = golden.Read();
        var tolerance = GoldenCase.Need(root, "tolerance", golden.Directory);
        double Allowed(string key) => GoldenCase.Need(tolerance, key, golden.Directory).GetDouble();
        using var model = load(golden.PathOf(GoldenCase.Need(root, "model", golden.Directory).GetString()!));
        using var expected = new SafetensorsFile(golden.PathOf(GoldenCase.Need(root, "expected", golden.Directory).GetString()!));

        var ids = expected["input_ids"];
        int rows = (int)ids.Shape[0], length = (int)ids.Shape[1];
        var data = RowsOf(ids.ToInts(), ids.ToInts(), expected.Tensors.TryGetValue("position_ids", out var positions)
            ? positions.ToInts() : null, length);
        var batch = TokenBatch.Of(data, [.. Enumerable.Range(0, rows)], rows);
        using var pass = new Pass(model, rows, length, Workers.PositionsOf(data, model.Config), null, null, train: false);
        using var scope = pass.StepScope();
        var (hidden, logits) = pass.Inspect(batch);
        var nll = new float[batch.Scored.Length];
        pass.Loss(batch, nats: nll);

        foreach (var needed in (string[])["logits", "nll", "hidden_states.0"])
            if (!expected.Tensors.ContainsKey(needed))
                throw new InvalidInputException($"The reference case {golden.Directory} has no tensor {needed}.");
        List<GoldenCheck> checks = [];
        foreach (var name in expected.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            (long[] Shape, float[]? Ours, double Allowed) known = name switch
            {
                "input_ids" or "position_ids" => ([rows, length], null, 0),
                "logits" => ([rows, length, model.Config.Vocab], logits, Allowed("logits")),
                "nll" => ([rows, length - 1], nll, Allowed("nll")),
                _ when name.StartsWith("hidden_states.", StringComparison.Ordinal) && int.TryParse(name.AsSpan(14), out var k) =>
                    ([rows, length, model.Config.Hidden], k < hidden.Count ? hidden[k] : [], Allowed("hidden_states")),
                _ => throw new InvalidInputException(
                    $"The reference case {golden.Directory} has a tensor {name}; allowed are input_ids, position_ids, logits, nll and "
                    + "hidden_states.N."),
            };
            var (shape, ours, allowed) = known;
            if (!expected[name].Shape.SequenceEqual(shape))
                throw new InvalidInputException(
                    $"The reference case {golden.Directory} has {name} of shape [{string.Join(", ", expected[name].Shape)}]; "
                    + $"[{string.Join(", ", shape)}] is needed.");
            if (ours is not null) checks.Add(new GoldenCheck(name, GoldenError.MaxRelative(ours, expected[name].ToFloats()), allowed));
        }
        var states = expected.Tensors.Keys.Count(name => name.StartsWith("hidden_states.", StringComparison.Ordinal));
        if (states > 0) checks.Add(new GoldenCheck("number of hidden_states", Math.Abs(states - hidden.Count), 0));
        return checks;
    }

    /// <summary>Of documents [rows, length], each of them whole.</summary>
    public static float[] Logits(BaseModel model, MappedTensor ids)
    {
        int rows = (int)ids.Shape[0], length = (int)ids.Shape[1];
        var data = RowsOf(ids.ToInts(), ids.ToInts(), null, length);
        using var pass = new Pass(model, rows, length, Workers.PositionsOf(data, model.Config), null, null, train: false);
        using var scope = pass.StepScope();
        return pass.Inspect(TokenBatch.Of(data, [.. Enumerable.Range(0, rows)], rows)).Logits;
    }

    /// <summary>Rows of a case; without positions each is one document.</summary>
    public static PackedRows RowsOf(int[] ids, int[] labels, int[]? positions, int length) =>
        new(length, ids, labels, positions ?? [.. Enumerable.Range(0, ids.Length).Select(i => i % length)]);
}
