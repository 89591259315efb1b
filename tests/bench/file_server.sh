# shellcheck shell=bash
# Files served by http and WebDAV on this machine, for those who mount that.
# Sourced after lib.sh.

files_root=$plain/contact # what it serves
files_url='' files_port='' access_log=$plain/access

start_file_server() {
  local module tries=0
  : "${files_port:=$((20000 + RANDOM % 10000))}" # the same one if it is started again
  chmod 755 "$work" "$plain"
  chmod -R a+rX "$files_root"
  mkdir -p "$plain/apache"
  chmod 777 "$plain/apache"
  {
    for module in mpm_event authz_core autoindex mime dav dav_fs; do
      echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<EOT
ServerName localhost
Listen 127.0.0.1:$files_port
User www-data
Group www-data
PidFile $plain/apache/pid
ErrorLog $plain/apache/errors
DavLockDB $plain/apache/locks
TypesConfig /dev/null
KeepAlive On
MaxKeepAliveRequests 0
LogFormat "%m %s %U %{Destination}i" request
CustomLog $access_log request
DocumentRoot $files_root
<Directory $files_root>
  Require all granted
  Options Indexes
  Dav On
</Directory>
EOT
  } >"$plain/apache/conf"
  /usr/sbin/apache2 -f "$plain/apache/conf" || return 1
  files_url=http://127.0.0.1:$files_port/
  until curl -sSf -o /dev/null "$files_url" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || return 1
    sleep 0.05
  done
}
