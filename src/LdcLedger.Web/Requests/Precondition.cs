using System.Globalization;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Requests;

/// <summary>
/// <c>If-Match: "41"</c>: that something be done only while the study, or the ledger, is where whoever asks has seen it.
/// </summary>
internal static class Precondition
{
    /// <param name="study">Whose position is meant; null: the place of the ledger's newest event.</param>
    /// <exception cref="RequestRefused">It has moved on.</exception>
    /// <exception cref="BadQuery">The header names no position.</exception>
    public static async Task CheckAsync(View view, Guid? study)
    {
        var header = view.Request.Headers.IfMatch;
        if (header.Count == 0 || header is ["*"])
            return;
        if (header is not [['"', .. var digits, '"']]
            || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seen))
            throw new BadQuery($"If-Match is {header}; it is a position in quotes, such as \"41\".");
        var now = study is { } one ? await view.Ledger.PositionAsync(one, long.MaxValue, view.Cancellation)
            : (await view.Ledger.StateAsync(view.Cancellation)).Last;
        if (now != seen)
            throw new RequestRefused(StatusCodes.Status412PreconditionFailed, "moved-on", "Moved on", string.Create(
                CultureInfo.InvariantCulture, $"{(study is { } moved ? $"Study {moved}" : "The ledger")} is at position {now} and not at "
                    + $"{seen} any more; nothing was done. Look again, and ask again if it still is what you want."));
    }
}
