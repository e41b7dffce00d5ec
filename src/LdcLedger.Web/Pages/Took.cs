namespace LdcLedger.Web.Pages;

/// <summary>How long something took, as a page prints it.</summary>
internal static class Took
{
    public static string Of(double seconds) => seconds < 120 ? FormattableString.Invariant($"{seconds:0.0} s")
        : seconds < 7200 ? FormattableString.Invariant($"{seconds / 60:0.0} min") : FormattableString.Invariant($"{seconds / 3600:0.0} h");
}
