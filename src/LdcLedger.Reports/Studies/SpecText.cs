using System.Globalization;
using System.Text;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// A study's spec as a user would write it, with every default filled in; keys that came later stand only where they are used, so that the
/// spec of an earlier study reads as it always did.
/// </summary>
internal static class SpecText
{
    public static string Of(StudySpec spec)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"name: {Word(spec.Name)}");
        Line("models:");
        foreach (var m in spec.Models)
            Line($"  - {{ name: {Word(m.Name)}, path: {Word(PathOf(m.Path))} }}");
        Line("domains:");
        foreach (var d in spec.Domains)
            Line($"  - {{ name: {Word(d.Name)}, path: {Word(PathOf(d.Path))}, format: {d.Format}{Fields(d.Fields)} }}");
        Line($"seeds: [{string.Join(", ", spec.Seeds)}]");
        Line($"regimes: [{string.Join(", ", spec.Regimes)}]");
        Line($"lora: {{ rank: {spec.Lora.Rank}, alpha: {Number(spec.Lora.Alpha)}, dropout: {Number(spec.Lora.Dropout)} }}");
        var data = spec.Data;
        var cap = data.MaxTokens?.ToString(CultureInfo.InvariantCulture) ?? "null";
        Line($"data: {{ length: {data.Length}, template: {Quoted(data.Template)}, loss_on: {data.LossOn}, " +
            $"held_out: {Number(data.HeldOut)}, max_tokens: {cap}{Later(data)} }}");
        var training = spec.Training;
        Line("training:");
        Line($"  {{ epochs: {training.Epochs}, batch: {training.Batch}, accumulation: {training.Accumulation}, " +
            $"learning_rate: {Number(training.LearningRate)}, schedule: {training.Schedule}, warmup: {Number(training.Warmup)},");
        Line($"    weight_decay: {Number(training.WeightDecay)}, max_grad_norm: {Number(training.MaxGradNorm)}, " +
            $"dtype: {training.Dtype}{Later(training)} }}");
        Line($"evaluation: {{ length: {spec.Evaluation.Length}, stride: {spec.Evaluation.Stride} }}");
        Line($"stage2: {{ rule: {Word(spec.Stage2.Rule)}, top: [{string.Join(", ", spec.Stage2.Top)}], " +
            $"groups: [{string.Join(", ", spec.Stage2.Groups)}] }}");
        return text.ToString();
    }

    /// <summary>
    /// A relative path as it was written; of an absolute one the last two parts, for the rest is that of a machine which no reader has.
    /// </summary>
    internal static string PathOf(string path)
    {
        var isDrive = path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '/' or '\\';
        if (!isDrive && !path.StartsWith('/') && !path.StartsWith('~') && !path.StartsWith("\\\\", StringComparison.Ordinal))
            return path;
        var parts = path.Split(isDrive || path.StartsWith('\\') ? ['/', '\\'] : ['/'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join('/', parts.TakeLast(2));
    }

    private static string Later(DataSpec data) =>
        data.OnBadRecord == DataSpec.Default.OnBadRecord ? "" : $", on_bad_record: {data.OnBadRecord}";

    private static string Later(TrainingSpec training) =>
        training.Base == TrainingSpec.Default.Base ? "" : $", base: {training.Base}";

    private static string Fields(DomainFields? fields) => fields is null ? "" : ", fields: { " + string.Join(", ",
        new[] { ("prompt", fields.Prompt), ("response", fields.Response), ("text", fields.Text) }
            .Where(field => field.Item2 is not null).Select(field => $"{field.Item1}: {Word(field.Item2!)}")) + " }";

    private static string Number(double value)
    {
        var text = value.ToString(Math.Abs(value) is > 0 and < 1e-3
            ? "0.0###############e+0" : "0.0###############", CultureInfo.InvariantCulture);
        // It has to read back to the same value: the printed spec is the study's.
        return double.Parse(text, CultureInfo.InvariantCulture).Equals(value) ? text : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Word(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/')
            && !char.IsAsciiDigit(text[0]) && text[0] is not '-' and not '.'
            ? text : Quoted(text);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }
}
