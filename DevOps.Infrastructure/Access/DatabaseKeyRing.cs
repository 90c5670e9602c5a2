using System.Xml.Linq;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>Keeps the keys of cookies and forms in the database, sealed with the master key, so that any process can serve anyone.</summary>
public sealed class DatabaseKeyRing(IDbContextFactory<DevOpsDbContext> contexts, Secrets.SecretVault vault) : IXmlRepository
{
    private const string Purpose = "data-protection-key";

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext();
        return [.. db.DataProtectionKeys.AsNoTracking().OrderBy(k => k.Id).Select(k => k.Xml).AsEnumerable().Select(Open)];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        var sealedXml = vault.Seal(Purpose, new Core.Secrets.Sensitive(element.ToString(SaveOptions.DisableFormatting)));
        db.DataProtectionKeys.Add(new DataProtectionKey { FriendlyName = friendlyName, Xml = Convert.ToBase64String(sealedXml) });
        db.SaveChanges();
    }

    private XElement Open(string stored) => XElement.Parse(vault.Open(Purpose, Convert.FromBase64String(stored)).Reveal());

    internal sealed class Use(IDbContextFactory<DevOpsDbContext> contexts, Secrets.SecretVault vault) : IConfigureOptions<KeyManagementOptions>
    {
        public void Configure(KeyManagementOptions options) => options.XmlRepository = new DatabaseKeyRing(contexts, vault);
    }
}
