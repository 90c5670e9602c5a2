using System.Reflection;
using System.Reflection.Emit;

namespace DevOps.Tests.Fixtures;

/// <summary>One instruction of compiled code.</summary>
/// <param name="At">Where it stands.</param>
/// <param name="Code">What it does.</param>
/// <param name="Operand">A text, a method, a number; null for what nobody asks for.</param>
/// <param name="Targeted">Whether a jump leads here.</param>
public sealed record Instruction(int At, OpCode Code, object? Operand, bool Targeted);

/// <summary>Reads the instructions of methods as the compiler wrote them (ECMA-335, partition III).</summary>
public static class CodeReader
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    /// <summary>Every method and constructor with a body, those that the compiler made included.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        assembly.GetTypes().SelectMany(t => t.GetMethods(Declared).Cast<MethodBase>().Concat(t.GetConstructors(Declared))).Where(m => m.GetMethodBody() is not null);

    /// <summary>The instructions of a method, in order.</summary>
    public static IReadOnlyList<Instruction> Read(MethodBase method)
    {
        var bytes = method.GetMethodBody()!.GetILAsByteArray()!;
        var found = new List<(int At, OpCode Code, object? Operand)>();
        var targets = new HashSet<int>();
        for (var at = 0; at < bytes.Length;)
        {
            var start = at;
            var code = bytes[at] == 0xFE ? Codes[(short)((0xFE << 8) | bytes[at + 1])] : Codes[bytes[at]];
            at += code.Size;
            var length = Length(code, bytes, at);
            found.Add((start, code, Operand(method, code, bytes, at)));
            targets.UnionWith(Targets(code, bytes, at, at + length));
            at += length;
        }

        return [.. found.Select(i => new Instruction(i.At, i.Code, i.Operand, targets.Contains(i.At)))];
    }

    private static int Length(OpCode code, byte[] bytes, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(bytes, at)),
        _ => 4,
    };

    private static object? Operand(MethodBase method, OpCode code, byte[] bytes, int at) => code.OperandType switch
    {
        OperandType.InlineString => method.Module.ResolveString(BitConverter.ToInt32(bytes, at)),
        OperandType.InlineMethod => method.Module.ResolveMethod(
            BitConverter.ToInt32(bytes, at),
            method.DeclaringType!.GetGenericArguments(),
            method is ConstructorInfo ? null : method.GetGenericArguments()),
        OperandType.ShortInlineI => (int)(sbyte)bytes[at],
        OperandType.InlineI => BitConverter.ToInt32(bytes, at),
        _ => code.Value >= OpCodes.Ldc_I4_0.Value && code.Value <= OpCodes.Ldc_I4_8.Value ? code.Value - OpCodes.Ldc_I4_0.Value : null,
    };

    private static IEnumerable<int> Targets(OpCode code, byte[] bytes, int at, int next) => code.OperandType switch
    {
        OperandType.ShortInlineBrTarget => [next + (sbyte)bytes[at]],
        OperandType.InlineBrTarget => [next + BitConverter.ToInt32(bytes, at)],
        OperandType.InlineSwitch => Enumerable.Range(1, BitConverter.ToInt32(bytes, at)).Select(i => next + BitConverter.ToInt32(bytes, at + (4 * i))),
        _ => [],
    };
}
