namespace LdcLedger.Torch.Devices;

/// <summary>Devices as <c>--device</c> names them, which need not be there.</summary>
public static class DeviceList
{
    /// <param name="list">cpu, cpu:torch, cuda (the first GPU), or cuda:N with commas between.</param>
    /// <exception cref="InvalidInputException">One stands twice, or beside the CPU.</exception>
    public static IReadOnlyList<string> Of(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries).Select(name => name == "cuda" ? "cuda:0" : name).ToList();
        if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidInputException($"device is {list}, with {twice.Key} more than once; each GPU trains one run at a time.");
        if (names.Count > 1 && names.Any(DeviceArithmetic.IsCpu))
            throw new InvalidInputException($"device is {list}; cpu or cpu:torch stands alone, or cuda:N with commas between.");
        return names;
    }
}
