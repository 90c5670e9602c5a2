using System.Security.Cryptography;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Secrets;

namespace DevOps.Tests.Infrastructure.Secrets;

public sealed class SecretVaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vault-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("hunter2")]
    [InlineData("密码 with ünïcode and\na line feed")]
    public void Open_gives_back_what_was_sealed(string value)
    {
        var vault = NewVault(RandomKey());

        var opened = vault.Open("credential/a", vault.Seal("credential/a", new Sensitive(value)));

        Assert.Equal(value, opened.Reveal());
    }

    [Fact]
    public void Sealed_bytes_differ_each_time_and_do_not_hold_the_value()
    {
        var vault = NewVault(RandomKey());
        var value = new Sensitive("correct horse battery staple");

        var first = vault.Seal("credential/a", value);
        var second = vault.Seal("credential/a", value);

        Assert.NotEqual(first, second);
        Assert.DoesNotContain("horse", System.Text.Encoding.Latin1.GetString(first), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_refuses_a_value_of_another_row()
    {
        var vault = NewVault(RandomKey());
        var value = vault.Seal(SecretVault.SecretPurpose(SecretScope.Build, 1, "TOKEN"), new Sensitive("hunter2"));

        var fault = Assert.Throws<SecretUnreadable>(() => vault.Open(SecretVault.SecretPurpose(SecretScope.Environment, 1, "TOKEN"), value));

        Assert.Contains("secret/environment/1/TOKEN", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_refuses_bytes_that_were_changed_anywhere()
    {
        var vault = NewVault(RandomKey());
        var value = vault.Seal("credential/a", new Sensitive("hunter2"));

        for (var i = 0; i < value.Length; i++)
        {
            var changed = (byte[])value.Clone();
            changed[i] ^= 0x40;
            Assert.Throws<SecretUnreadable>(() => vault.Open("credential/a", changed));
        }

        Assert.Throws<SecretUnreadable>(() => vault.Open("credential/a", value[..20]));
        Assert.Throws<SecretUnreadable>(() => vault.Open("credential/a", []));
    }

    [Fact]
    public void Ring_opens_old_values_and_seals_with_its_first_key()
    {
        var (old, fresh) = (RandomKey(), RandomKey());
        var value = NewVault(old).Seal("credential/a", new Sensitive("hunter2"));
        var both = NewVault($"{fresh},{old}");

        Assert.Equal("hunter2", both.Open("credential/a", value).Reveal());
        Assert.Equal("x", NewVault(fresh).Open("b", both.Seal("b", new Sensitive("x"))).Reveal());
        var fault = Assert.Throws<SecretUnreadable>(() => NewVault(fresh).Open("credential/a", value));
        Assert.Contains("another master key", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    [InlineData(",")]
    public void Load_refuses_a_key_of_the_wrong_form_without_showing_it(string key)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => NewVault(key));

        Assert.Contains("DEVOPS_MASTER_KEY", fault.Message, StringComparison.Ordinal);
        Assert.True(key.Length < 2 || !fault.Message.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_refuses_a_key_that_is_too_long() =>
        Assert.Throws<InvalidOperationException>(() => NewVault(Convert.ToBase64String(new byte[33])));

    [Fact]
    public void Load_generates_one_file_that_only_its_owner_reads()
    {
        var options = new PlatformOptions { DataFolder = _folder };
        var value = new SecretVault(KeyRing.Load(options)).Seal("a", new Sensitive("x"));

        Assert.Equal("x", new SecretVault(KeyRing.Load(options)).Open("a", value).Reveal());
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder, "keys")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Load_never_replaces_a_damaged_file()
    {
        var options = new PlatformOptions { DataFolder = _folder };
        var path = Path.Combine(options.Folder("keys"), "master.key");
        File.WriteAllText(path, "");

        Assert.Throws<InvalidOperationException>(() => KeyRing.Load(options));
        Assert.Equal("", File.ReadAllText(path));
    }

    [Fact]
    public async Task Load_gives_the_same_key_to_all_who_start_at_once()
    {
        var options = new PlatformOptions { DataFolder = _folder };
        using var start = new Barrier(8);
        var rings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return new SecretVault(KeyRing.Load(options));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        var value = rings[0].Seal("a", new Sensitive("x"));
        Assert.All(rings, r => Assert.Equal("x", r.Open("a", value).Reveal()));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "keys")));
    }

    private static string RandomKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private SecretVault NewVault(string key) => new(KeyRing.Load(new PlatformOptions { DataFolder = _folder, MasterKey = key }));
}
