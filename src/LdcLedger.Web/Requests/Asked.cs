using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Requests;

/// <summary>What an operator asked for, and what came of it.</summary>
/// <param name="IsNew">False: it was there already, and nothing was recorded.</param>
/// <param name="Receipt">Null where no event says it: a built-in rule is in no ledger.</param>
/// <param name="Says">The command line's own sentence.</param>
/// <param name="Command">The same by command.</param>
/// <param name="Place">Where it is found from now on, below the root of the API.</param>
public sealed record Asked(bool IsNew, Receipt? Receipt, string Says, string Command, string Place)
{
    /// <param name="id">Of the event that says so.</param>
    internal static async Task<Asked> OfAsync(View view, bool isNew, Guid id, string says, string command, string place) => new(
        isNew,
        await view.Ledger.ReceiptAsync([id], view.Cancellation)
            ?? throw new InvalidOperationException($"Event {id} was recorded and is not in the ledger."),
        says, command, place);

    internal static LedgerWriter Writer(View view) => new(view.Ledger.Store, TimeProvider.System);
}

/// <summary>Something was asked for rightly, and cannot be had as things are.</summary>
/// <param name="status">403, 409, 412, 415, 429.</param>
/// <param name="word">Of the problem's type.</param>
public sealed class RequestRefused(int status, string word, string title, string sentence) : Exception(sentence)
{
    public int Status => status;

    public string Word => word;

    public string Title => title;
}
