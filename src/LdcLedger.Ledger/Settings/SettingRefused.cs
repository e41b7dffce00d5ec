namespace LdcLedger.Ledger.Settings;

/// <summary>
/// A setting of the environment cannot be what it says: bad input. The message is one sentence that names the setting and what it may be,
/// and holds no part of its value: whatever stands in a wrong place may be a password. For the same reason there is no cause: those of the
/// libraries quote what they could not read.
/// </summary>
public sealed class SettingRefused(string message) : Exception(message);
