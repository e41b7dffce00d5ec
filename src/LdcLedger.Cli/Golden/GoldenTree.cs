using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Cli.Terminal;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Golden;

namespace LdcLedger.Cli.Golden;

/// <summary>Runs the reference cases under a folder that a verb knows how to compare, and shows how far each value is off.</summary>
internal static partial class GoldenTree
{
    public static readonly Option<string> Device = new("--device")
    {
        Description = "Where to compute: cpu (default), cpu:torch, cuda or cuda:N.",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    /// <param name="kinds">How to compare a case of a kind.</param>
    /// <returns>0 all within their tolerance, 1 something past it, 2 nothing to compare or a case that cannot be read.</returns>
    public static int Verify(string root, IReadOnlyDictionary<string, Func<GoldenCase, string, IReadOnlyList<GoldenCheck>>> kinds,
        string device, bool json, CancellationToken cancellation)
    {
        DeviceArithmetic.Check(device);
        if (DeviceArithmetic.CaveatOn(device) is { } caveat)
            Screen.Say(caveat);
        var cases = GoldenCases.Find(root);
        var known = cases.Where(c => kinds.ContainsKey(c.Kind)).ToList();
        var skipped = cases.Count - known.Count;
        if (known.Count == 0)
            throw new BadInputException($"{root} holds "
                + (cases.Count == 0 ? "no golden.json" : $"only cases of kind {string.Join(", ", cases.Select(c => c.Kind).Distinct())}")
                + $"; this verb compares {string.Join(", ", kinds.Keys)}.");
        var results = new List<CaseResult>();
        foreach (var golden in known)
        {
            cancellation.ThrowIfCancellationRequested();
            var result = Compare(Path.GetRelativePath(root, golden.Directory), golden, () => kinds[golden.Kind](golden, device));
            results.Add(result);
            if (!json)
                Print(result);
        }
        var (passed, failed, unreadable) = (
            results.Count(r => r.Pass), results.Count(r => !r.Pass && r.Unreadable is null), results.Count(r => r.Unreadable is not null));
        if (json)
            Screen.PrintJson(new { passed, failed, unreadable, skipped, cases = results });
        else
            Screen.Print($"{passed} passed, {failed} failed, {unreadable} unreadable, {skipped} skipped (kinds of another verb)");
        return failed > 0 ? ExitCodes.Failed : unreadable > 0 ? ExitCodes.BadInput : ExitCodes.Done;
    }

    private static CaseResult Compare(string name, GoldenCase golden, Func<IReadOnlyList<GoldenCheck>> verify)
    {
        try
        {
            // Errors of the same quantity at different lines or steps are one row: the largest.
            var rows = verify()
                .GroupBy(c => Number().Replace(c.Tensor, ""))
                .Select(g => (Name: g.Key, Worst: g.MaxBy(Severity)!, Count: g.Count(), Failures: g.Count(c => !c.Pass)))
                .Select(g => new CheckResult(
                    g.Failures == 0 ? g.Name : g.Worst.Tensor, g.Worst.Error, g.Worst.Tolerance, g.Count, g.Failures));
            return new(name, golden.Kind, null, [.. rows]);
        }
        catch (Exception unreadable) when (unreadable is InvalidInputException or IOException)
        {
            return new(name, golden.Kind, unreadable.Message, []);
        }
    }

    // NaN is worse than any number, and what breaks its tolerance is worse than what keeps it.
    private static double Severity(GoldenCheck check) =>
        double.IsNaN(check.Error) ? double.PositiveInfinity
            : check.Tolerance > 0 ? check.Error / check.Tolerance
            : check.Error > 0 ? double.MaxValue
            : 0;

    private static void Print(CaseResult result)
    {
        Screen.Print($"{(result.Pass ? "pass" : "FAIL")}  {result.Kind}  {result.Name}");
        if (result.Unreadable is { } why)
        {
            Screen.Print($"      {why}");
            return;
        }
        var table = new TextTable("", "largest error of", ">error", ">tolerance", "");
        foreach (var check in result.Checks)
            table.Add("     ", check.Tensor, Text(check.Error), Text(check.Tolerance),
                (check.Failures == 0, check.Count > 1) switch
                {
                    (true, true) => $"of {check.Count}",
                    (true, false) => "",
                    (false, true) => $"FAIL ({check.Failures} of {check.Count})",
                    (false, false) => "FAIL",
                });
        Screen.Print(table);
    }

    private static string Text(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e6
        ? value.ToString("0", CultureInfo.InvariantCulture)
        : value.ToString("0.00e+00", CultureInfo.InvariantCulture);

    [GeneratedRegex("^(line|step) [0-9]+ ")]
    private static partial Regex Number();

    /// <param name="Tensor">What is compared; where something fails, the one that is furthest off.</param>
    /// <param name="Count">Values of this kind in the case.</param>
    private sealed record CheckResult(string Tensor, double Error, double Tolerance, int Count, int Failures);

    private sealed record CaseResult(string Name, string Kind, string? Unreadable, IReadOnlyList<CheckResult> Checks)
    {
        public bool Pass => Unreadable is null && Checks.Count > 0 && Checks.All(c => c.Failures == 0);
    }
}
