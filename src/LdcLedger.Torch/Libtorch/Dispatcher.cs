using System.Runtime.InteropServices;
using System.Text;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// Operations of libtorch that TorchSharp has no call for, by their names and in the order of their schema's arguments, defaults included:
/// through <c>torch_call_dispatcher</c>, which libtorch has since 2.10 and keeps stable. An argument or a result is 64 bits: a number, or
/// the address of something that whoever takes it frees.
/// </summary>
internal static unsafe class Dispatcher
{
    // The version of the arguments' layout: 2.10.0.
    private const ulong Layout = 0x020A_0000_0000_0000;

    private const int MostArguments = 32;

    // What libtorch writes before the reason.
    private const string Refused = "Exception in aoti_torch: ";

    private static readonly Lazy<Entries> Loaded = new(() => new Entries());

    /// <param name="results">Room for all arguments' places, of which the first are the results afterwards.</param>
    /// <exception cref="LibtorchException">libtorch refused.</exception>
    /// <exception cref="InvalidInputException">This libtorch is older than 2.10.</exception>
    public static void Call(Operation operation, ReadOnlySpan<Argument> arguments, Span<ulong> results)
    {
        if (Computes(operation, arguments, results)) return;
        // Why, it wrote to stderr and tells nobody else (before 2.13). So it is asked once more, and listened to.
        using var overheard = new Overheard();
        if (Computes(operation, arguments, results)) return;
        throw LibtorchException.Of(new ExternalException(ReasonIn(overheard.Text)
            ?? $"libtorch refuses aten::{operation}; it has written why to stderr."));
    }

    private static string? ReasonIn(string written) =>
        written.IndexOf(Refused, StringComparison.Ordinal) is >= 0 and var at ? written[(at + Refused.Length)..] : null;

    private static bool Computes(Operation operation, ReadOnlySpan<Argument> arguments, Span<ulong> results)
    {
        var entries = Loaded.Value;
        Span<ulong> stack = stackalloc ulong[MostArguments];        // zeros: whatever a later libtorch appends is left out
        stack.Clear();
        for (var i = 0; i < arguments.Length; i++) stack[i] = entries.Encoded(arguments[i]);
        fixed (ulong* places = stack)
            if (entries.Call(operation.Name, operation.Overload, places, Layout) != 0) return false;
        stack[..results.Length].CopyTo(results);
        return true;
    }

    /// <summary>Frees a tensor among the results that nobody wants.</summary>
    public static void Free(ulong tensor) => Loaded.Value.Delete((IntPtr)tensor);

    public static void* AddressOf(Tensor tensor) => Loaded.Value.AddressOf(tensor);

    private sealed class Entries
    {
        private readonly delegate* unmanaged<IntPtr, void**, int> _address =
            (delegate* unmanaged<IntPtr, void**, int>)TorchRuntime.Export("aoti_torch_get_data_ptr");

        private readonly delegate* unmanaged<IntPtr, IntPtr*, int> _newTensor =
            (delegate* unmanaged<IntPtr, IntPtr*, int>)TorchRuntime.Export("aoti_torch_new_tensor_handle");

        private readonly delegate* unmanaged<nuint, IntPtr*, int> _newList =
            (delegate* unmanaged<nuint, IntPtr*, int>)TorchRuntime.Export("torch_new_list_reserve_size");

        private readonly delegate* unmanaged<IntPtr, ulong, int> _push =
            (delegate* unmanaged<IntPtr, ulong, int>)TorchRuntime.Export("torch_list_push_back");

        private readonly delegate* unmanaged<byte*, nuint, IntPtr*, int> _newText =
            (delegate* unmanaged<byte*, nuint, IntPtr*, int>)TorchRuntime.Export("torch_new_string_handle");

        private readonly delegate* unmanaged<IntPtr, int> _delete =
            (delegate* unmanaged<IntPtr, int>)TorchRuntime.Export("aoti_torch_delete_tensor_object");

        private readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> _call =
            (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)TorchRuntime.Export("torch_call_dispatcher");

        public int Call(byte* name, byte* overload, ulong* stack, ulong layout) => _call(name, overload, stack, layout);

        public void Delete(IntPtr tensor) => _delete(tensor);

        public void* AddressOf(Tensor tensor)
        {
            void* address;
            Made(_address(tensor.Raw.Handle, &address));
            GC.KeepAlive(tensor);
            return address;
        }

        public ulong Encoded(Argument argument)
        {
            var bits = argument.Reference switch
            {
                null => argument.Bits,
                Tensor tensor => Handle(tensor),
                IReadOnlyList<Argument> list => List(list),
                string text => Text(text),
                var other => throw new ArgumentException($"{other.GetType().Name} is no argument of an operation.", nameof(argument)),
            };
            if (!argument.IsOptional) return bits;
            var box = (ulong*)NativeMemory.Alloc(sizeof(ulong));   // who takes it frees it
            *box = bits;
            return (ulong)box;
        }

        private ulong Handle(Tensor tensor)
        {
            IntPtr handle;
            Made(_newTensor(tensor.Raw.Handle, &handle));
            GC.KeepAlive(tensor);
            return (ulong)handle;
        }

        private ulong List(IReadOnlyList<Argument> items)
        {
            IntPtr list;
            Made(_newList((nuint)items.Count, &list));
            foreach (var item in items) Made(_push(list, Encoded(item)));
            return (ulong)list;
        }

        private ulong Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            IntPtr handle;
            fixed (byte* start = bytes) Made(_newText(start, (nuint)bytes.Length, &handle));
            return (ulong)handle;
        }

        private static void Made(int code)
        {
            if (code != 0) throw LibtorchException.Of(new ExternalException("libtorch refuses an operation's argument."));
        }
    }
}

/// <summary>The name of an operation, kept where native code can read it.</summary>
internal sealed unsafe class Operation(string name, string overload = "")
{
    private readonly byte[] _name = Pinned("aten::" + name), _overload = Pinned(overload);

    public byte* Name => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_name, 0);

    public byte* Overload => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_overload, 0);

    public override string ToString() => overload.Length == 0 ? name : $"{name}.{overload}";

    private static byte[] Pinned(string text)
    {
        var bytes = GC.AllocateArray<byte>(text.Length + 1, pinned: true);
        Encoding.ASCII.GetBytes(text, bytes);
        return bytes;
    }
}

/// <summary>One argument: a number, a tensor, a text, a list of arguments, or nothing.</summary>
internal readonly record struct Argument(object? Reference, ulong Bits, bool IsOptional = false)
{
    public static readonly Argument None = new(null, 0);

    /// <summary>Of an argument that may also be left out.</summary>
    public static Argument Given(Argument argument) => argument with { IsOptional = true };

    public static Argument Maybe(Tensor? tensor) => tensor is null ? None : Given(tensor);

    public static Argument List(params Argument[] items) => new(items, 0);

    public static implicit operator Argument(Tensor tensor) => new(tensor, 0);

    public static implicit operator Argument(double number) => new(null, BitConverter.DoubleToUInt64Bits(number));

    public static implicit operator Argument(long number) => new(null, (ulong)number);

    public static implicit operator Argument(bool flag) => new(null, flag ? 1ul : 0);

    public static implicit operator Argument(string text) => new(text, 0);
}
