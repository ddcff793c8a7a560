"""The small elements below ldapRegistry, as a configuration has them."""

from pathlib import Path

from tests.config.vocabulary import place_at, write
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.security.ldap import LdapRegistry

TEXT = """<server><ldapRegistry id="d" host="localhost" port="389" baseDN="o=x" ldapType="Custom">
  <failoverServers name="spare"><server host="b" port="390"/><server host="c" port="391"/></failoverServers>
  <contextPool enabled="true" initialSize="2" maxSize="5" timeout="30" waitTime="1s" preferredSize="4"/>
  <ldapCache><attributesCache size="5" timeout="2s" enabled="true" sizeLimit="7"/>
    <searchResultsCache size="6" timeout="3s" resultsSizeLimit="8"/></ldapCache>
  <ldapEntityType name="PersonAccount"><objectClass>a</objectClass><objectClass>b</objectClass>
    <searchBase>ou=p,o=x</searchBase><searchBase>ou=q,o=x</searchBase></ldapEntityType>
  <groupProperties><memberAttribute name="member" objectClass="g" scope="direct"/><membershipAttribute name="memberOf"/>
    <dynamicMemberAttribute name="memberURL" objectClass="groupOfURLs"/></groupProperties>
  <loginProperty name="mail"/><loginProperty name="uid"/>
  <attributeConfiguration><attribute name="rfc822" propertyName="mail"/><externalIdAttribute name="uid"/></attributeConfiguration>
</ldapRegistry></server>"""


def test_all_of_them_are_understood(tmp_path: Path) -> None:
    """As an administrator of Liberty writes them; what has no effect says so."""
    loaded = load(place_at(write(tmp_path, {"server.xml": TEXT})), VOCABULARY, environment={}, command_line={})
    assert {problem.told.message.number for problem in loaded.problems} == {"ZCON0124I", "ZCON0180I"}
    found = loaded.configuration.one(LdapRegistry)
    assert [(each.host, each.port) for each in found.failover_servers[0].servers] == [("b", 390), ("c", 391)]
    assert (found.context_pools[0].max_size, found.context_pools[0].timeout.total_seconds()) == (5, 30)
    assert found.ldap_caches[0].attributes_caches[0].size == 5
    assert found.ldap_entity_types[0].object_class == ("a", "b")
    assert found.ldap_entity_types[0].search_base == ("ou=p,o=x", "ou=q,o=x")
    assert [each.name for each in found.login_properties] == ["mail", "uid"]
    assert found.attribute_configurations[0].attributes[0].property_name == "mail"
    assert found.group_properties[0].membership_attributes[0].name == "memberOf"
